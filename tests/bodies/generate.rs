//! Bodies that are right, nearly right, and nothing of the kind.

use crate::{
    dice::Dice,
    mutate::mutate,
    write::{Write, Writer},
};

/// The body of a number, always the same.
pub(crate) fn body(seed: u64) -> Vec<u8> {
    let mut writer = Writer {
        dice: Dice(seed),
        body: String::new(),
    };
    writer.document();
    let Writer { mut dice, body } = writer;
    let mut body = body.into_bytes();
    for _ in 0..dice.below(3) * dice.below(3) {
        mutate(&mut dice, &mut body);
    }
    body
}

impl Writer {
    fn document(&mut self) {
        self.space();
        match self.dice.below(12) {
            0..=5 => self.object(&[("server", Self::server)], Self::junk),
            6 | 7 => self.object(&[("interfaceAttachment", Self::attachment)], Self::nothing),
            8 => self.object(&[("virtual_interface", Self::vendor)], Self::nothing),
            9 | 10 => self.action(),
            _ => self.any(),
        }
        self.space();
    }

    fn server(&mut self) {
        self.object(&[("networks", Self::networks)], Self::junk);
    }

    fn networks(&mut self) {
        match self.dice.below(10) {
            0 => self.word("\"auto\""),
            1 => self.text("none"),
            2 => self.any(),
            3 if self.dice.in_ten(1) => {
                let count = 254 + self.dice.below(6);
                self.list(count, Self::required);
            }
            _ => {
                let count = self.dice.below(5);
                self.list(count, Self::network);
            }
        }
    }

    fn required(&mut self) {
        self.body
            .push_str(r#"{"uuid": "abcdef01-c0de-4aaa-8bbb-fedcba987601"}"#);
    }

    fn network(&mut self) {
        match self.dice.below(4) {
            0 => self.object(&[("port", Self::id)], Self::junk),
            1 => self.object(&[("uuid", Self::id), ("port", Self::id)], Self::nothing),
            _ => self.object(&[("uuid", Self::id)], Self::junk),
        }
    }

    fn attachment(&mut self) {
        match self.dice.below(5) {
            0 => self.object(
                &[("net_id", Self::id), ("port_id", Self::id)],
                Self::nothing,
            ),
            1 => self.object(&[("port_id", Self::id), ("tag", Self::any)], Self::nothing),
            2 => self.object(
                &[("net_id", Self::id), ("fixed_ips", Self::any)],
                Self::nothing,
            ),
            _ => self.object(&[("net_id", Self::id)], Self::nothing),
        }
    }

    fn vendor(&mut self) {
        self.object(&[("network_id", Self::id)], Self::nothing);
    }

    fn action(&mut self) {
        let (name, value): (_, Write) = self.dice.one(&[
            ("addFixedIp", |writer| {
                writer.object(&[("networkId", Self::id)], Self::nothing);
            }),
            ("removeFixedIp", |writer| {
                writer.object(&[("address", Self::address)], Self::nothing);
            }),
            ("reboot", Self::any),
            ("lock", Self::any),
            ("unknown", Self::any),
        ]);
        self.object(&[(name, value)], Self::nothing);
    }

    fn address(&mut self) {
        let text = self
            .dice
            .one(&["192.0.2.7", "2001:db8::7", "192.0.2.07", "2001:DB8::7", "x"]);
        self.text(text);
    }

    fn id(&mut self) {
        match self.dice.below(16) {
            0 => self.word("null"),
            1 => self.any(),
            2 => self.text("abcdef01c0de4aaa8bbbfedcba987601"),
            3 => self.text("abcdef01-c0de-4aaa-8bbb-fedcba98760G"),
            even if even % 2 == 0 => self.text("abcdef01-c0de-4aaa-8bbb-fedcba987601"),
            _ => self.word("\"9abcde01-c0de-4aaa-8bbb-fedcba987601\""),
        }
    }

    fn nothing(&mut self) {}

    /// An object of these members, with others before or behind. Now and then a member comes
    /// twice or not at all.
    fn object(&mut self, members: &[(&str, Write)], others: Write) {
        self.begin("{");
        let others_first = self.dice.in_ten(5);
        if others_first {
            others(self);
        }
        for (name, value) in members {
            let times = match self.dice.below(40) {
                0 => 2,
                1 => 0,
                _ => 1,
            };
            for _ in 0..times {
                self.member(name, *value);
            }
        }
        if !others_first {
            others(self);
        }
        self.end("}");
    }
}
