use proptest::prelude::*;

use super::*;

fn sender() -> Sender {
    Sender {
        from: "bounce+%(task_uuid)s@cloud.example".parse().unwrap(),
        reply: "The Cloud <no-reply@cloud.example>".parse().unwrap(),
    }
}

fn composed<'a>(sender: &'a Sender, to: Plain, text: &str, html: bool) -> Composed<'a> {
    Composed {
        id: "an-id".into(),
        task: "a-task",
        sender,
        to,
        subject: "A subject",
        text: text.to_owned(),
        html: html.then(|| text.to_owned()),
        on: Timestamp::from_micros(0),
    }
}

/// The names of a message's headers, unfolded.
fn headers(message: &Message) -> Vec<String> {
    let bytes = String::from_utf8(message.formatted()).unwrap();
    let (head, _) = bytes.split_once("\r\n\r\n").unwrap();
    let lines = head.split("\r\n").filter(|it| !it.starts_with([' ', '\t']));
    let mut names: Vec<_> = lines
        .map(|it| it.split(':').next().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

const NAMES: [&str; 10] = [
    "Auto-Submitted",
    "Content-Type",
    "Date",
    "From",
    "MIME-Version",
    "Message-ID",
    "Reply-To",
    "Subject",
    "To",
    "X-Wafflehaus-Task-UUID",
];

/// Texts of which some try to be more.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        any::<String>(),
        Just("\r\n".to_owned()),
        Just("\n".to_owned()),
        Just("\r".to_owned()),
        Just("\r\n.\r\n".to_owned()),
        Just("Bcc: eve@acme.example".to_owned()),
        Just("@acme.example".to_owned()),
        Just("ann".to_owned()),
        Just("<".to_owned()),
        Just(">".to_owned()),
        Just(",".to_owned()),
        Just("\"".to_owned()),
    ];
    proptest::collection::vec(pieces, 0..6).prop_map(|it| it.concat())
}

proptest! {
    #[test]
    fn no_text_of_a_user_adds_a_header_or_a_recipient(address in hostile(), text in hostile(), html: bool) {
        let sender = sender();
        let to = address.parse().unwrap_or_else(|_| "ann@acme.example".parse().unwrap());
        let address = Plain::to_string(&to);
        let message = composed(&sender, to, &text, html).message().unwrap();
        let envelope: Vec<_> = message.envelope().to().iter().map(ToString::to_string).collect();
        prop_assert_eq!(envelope, [address]);
        let from = message.envelope().from().unwrap().to_string();
        prop_assert_eq!(from, "bounce+a-task@cloud.example");
        let found: Vec<_> = headers(&message)
            .into_iter()
            .filter(|it| it != "Content-Transfer-Encoding")
            .collect();
        prop_assert_eq!(found, NAMES);
        // Line ends are CR LF everywhere, so no server sees one where another does not.
        let bytes = message.formatted();
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'\n' => prop_assert!(at > 0 && bytes[at - 1] == b'\r'),
                b'\r' => prop_assert_eq!(bytes.get(at + 1), Some(&b'\n')),
                _ => {}
            }
        }
    }

    #[test]
    fn a_plain_address_is_one_word_with_nothing_to_quote(address in hostile()) {
        if let Ok(plain) = address.parse::<Plain>() {
            prop_assert_eq!(plain.as_str(), &address);
            prop_assert!(!address.contains(|it: char| it.is_whitespace() || it.is_control()));
            prop_assert_eq!(address.matches('@').count(), 1);
        }
    }
}

#[test]
fn a_sender_cannot_have_more_than_a_name_and_an_address() {
    for reply in [
        "The Cloud\r\nBcc: eve@acme.example <no-reply@cloud.example>",
        "\"a\nb\" <no-reply@cloud.example>",
        "no-reply@cloud.example, eve@acme.example",
        "The Cloud",
        "",
    ] {
        assert!(reply.parse::<Reply>().is_err(), "{reply:?}");
    }
    let reply: Reply = "Größe & Söhne <no-reply@cloud.example>".parse().unwrap();
    for from in ["%(task_uuid)s", "a b@cloud.example", "a@b@cloud.example"] {
        assert!(from.parse::<Return>().is_err(), "{from}");
    }
    let from = reply.as_return();
    let sender = Sender { from, reply };
    let to = "ann@acme.example".parse().unwrap();
    let message = composed(&sender, to, "text", false).message().unwrap();
    assert!(message.formatted().is_ascii());
    assert_eq!(headers(&message).len(), NAMES.len() + 1);
}

#[test]
fn what_is_no_plain_address() {
    for text in [
        "ann",
        "@acme.example",
        "ann@",
        "ann@acme.example\r\n",
        " ann@acme.example",
        "\"ann\"@acme.example",
        "ann@[127.0.0.1]",
        "a,b@acme.example",
        "a@b@acme.example",
        "ann@acme.example\u{7f}",
    ] {
        assert!(text.parse::<Plain>().is_err(), "{text:?}");
    }
    let long = format!("{}@acme.example", "a".repeat(250));
    assert!(long.parse::<Plain>().is_err());
    for text in [
        "ann@acme.example",
        "ann+tag@acme.example",
        "o'neil@acme.example",
    ] {
        assert!(text.parse::<Plain>().is_ok(), "{text}");
    }
}
