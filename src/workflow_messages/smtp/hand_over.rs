//! Handing a mail over on a connection.

use lettre::{
    Message,
    transport::smtp::{
        Error,
        client::AsyncSmtpConnection,
        commands::{Data, Mail, Rcpt},
    },
};

/// Hands a mail over, its text and its end in one piece. In two, as lettre writes them, the end
/// waits until the server has acknowledged the text, which servers put off: 40 ms on Linux.
pub(super) async fn hand_over(
    connection: &mut AsyncSmtpConnection,
    mail: &Message,
) -> Result<(), Error> {
    let (envelope, text) = (mail.envelope(), mail.formatted());
    let mut addresses = envelope.from().into_iter().chain(envelope.to());
    let plain = addresses.all(|it| AsRef::<str>::as_ref(it).is_ascii());
    let Some(text) = String::from_utf8(text)
        .ok()
        .filter(|it| plain && it.is_ascii())
    else {
        // What is more than ASCII has to be announced, which lettre knows how to do.
        let sent = connection.send(envelope, &mail.formatted()).await;
        return sent.map(drop);
    };
    let handed = async {
        let from = envelope.from().cloned();
        connection.command(Mail::new(from, Vec::new())).await?;
        for to in envelope.to() {
            connection
                .command(Rcpt::new(to.clone(), Vec::new()))
                .await?;
        }
        connection.command(Data).await?;
        connection.command(whole(&text)).await.map(drop)
    };
    let handed = handed.await;
    if handed.is_err() {
        connection.abort().await;
    }
    handed
}

/// A mail's text with its end, which is nowhere else.
fn whole(text: &str) -> String {
    let dotted = if text.starts_with('.') { "." } else { "" };
    let text = text.replace("\r\n.", "\r\n..");
    format!("{dotted}{text}\r\n.\r\n")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![Just("\r\n"), Just("\r"), Just("\n"), Just("."), Just("a")];
        proptest::collection::vec(piece, 0..24).prop_map(|it| it.concat())
    }

    proptest! {
        #[test]
        fn the_end_of_a_mail_is_nowhere_but_at_its_end(text in text()) {
            let whole = whole(&text);
            let before = format!("\r\n{whole}");
            prop_assert_eq!(before.find("\r\n.\r\n"), Some(before.len() - 5));
        }

        #[test]
        fn the_server_reads_what_was_written(text in text()) {
            let whole = format!("\r\n{}", whole(&text));
            let read = whole.strip_suffix("\r\n.\r\n").unwrap().replace("\r\n..", "\r\n.");
            prop_assert_eq!(read, format!("\r\n{text}"));
        }
    }
}
