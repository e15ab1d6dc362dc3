use super::*;

fn read(text: &str) -> Result<Ini, Vec<Mistake>> {
    Ini::read(Path::new("/etc/nova/f.ini"), text)
}

/// What `[a]` has for `key`.
fn resolved(text: &str, key: &str) -> Result<Setting, Mistake> {
    let ini = read(text).unwrap();
    let section = ini.section("a").unwrap();
    ini.resolved(section, ini.setting(section, key).unwrap())
}

fn value(text: &str, key: &str) -> String {
    resolved(text, key).unwrap().value().to_owned()
}

/// Its words, each with its line.
fn words(text: &str, key: &str) -> Vec<(String, u32)> {
    let setting = resolved(text, key).unwrap();
    let words = setting.words();
    words
        .map(|(word, place)| (word.to_owned(), place.line))
        .collect()
}

fn told(text: &str) -> Vec<String> {
    let mistakes = read(text).unwrap_err();
    mistakes.iter().map(ToString::to_string).collect()
}

fn wrong(text: &str, key: &str) -> String {
    resolved(text, key).unwrap_err().to_string()
}

#[test]
fn rule_1_lines_end_in_three_ways_and_white_space_is_pythons() {
    let text = "[a]\rx = 1\r\ny\u{a0}=\u{1f}2\u{85}\nz = 3\n\u{1c}4";
    assert_eq!(value(text, "x"), "1");
    assert_eq!(value(text, "y"), "2");
    assert_eq!(value(text, "z"), "3\n4");
    assert_eq!(read(text).unwrap().section("a").unwrap().place.line, 1);
    assert_eq!(words(text, "z"), [("3".into(), 4), ("4".into(), 5)]);
}

#[test]
fn rule_2_only_a_whole_line_is_a_comment() {
    let text = "# x\n[a]\n  ; y = 1\nx = http://h/#x ; y\n";
    assert_eq!(value(text, "x"), "http://h/#x ; y");
    assert_eq!(
        read(text).unwrap().section("a").unwrap().settings().len(),
        1
    );
}

#[test]
fn rule_3_a_header_goes_to_the_last_bracket_and_comes_once() {
    let text = "[DEFAULT]\nd = 1\n[b]c]x\n[a] # x\n[DEFAULT]\ne = %(d)s\n";
    assert_eq!(value(text, "e"), "1");
    assert!(read(text).unwrap().section("b]c").is_some());
    assert_eq!(
        told("[a]\nx = 1\n[b]\n[a]\nx = 1\n"),
        ["/etc/nova/f.ini:4: [a] the section is already on line 1"]
    );
}

#[test]
fn rule_4_a_key_keeps_its_case_and_comes_once() {
    let text = "[a]\nX : 1 = 2\nx=1:2\n/v2: y\n";
    assert_eq!(value(text, "X"), "1 = 2");
    assert_eq!(value(text, "x"), "1:2");
    assert_eq!(value(text, "/v2"), "y");
    assert_eq!(
        told("[a]\nx = 1\ny = 1\nx : 2\n[DEFAULT]\nz = 1\n[DEFAULT]\nz = 1\n"),
        [
            "/etc/nova/f.ini:4: [a] x: the key is already on line 2",
            "/etc/nova/f.ini:8: [DEFAULT] z: the key is already on line 6",
        ]
    );
}

#[test]
fn rule_5_an_indented_line_goes_on_whatever_it_looks_like() {
    let text = "[a]\nx = 1\n  y = 2\n\n# no\n  [b]\n\n\ny =\n 3\n";
    assert_eq!(value(text, "x"), "1\ny = 2\n\n[b]");
    assert_eq!(
        words(text, "x"),
        [("1", 2), ("y", 3), ("=", 3), ("2", 3), ("[b]", 6)]
            .map(|(word, line)| (word.into(), line))
    );
    assert_eq!(value(text, "y"), "\n3");
    // No more indented than the key, so a key itself.
    assert_eq!(value("[a]\n  x = 1\n  y = 2\n", "y"), "2");
}

#[test]
fn rule_6_all_that_is_nothing_is_told() {
    assert_eq!(
        told("[a]\nx\n= 1\ny = 1\nz\n"),
        [
            "/etc/nova/f.ini:2: [a] neither a section, nor `key = value`, nor indented to go on \
             with a value",
            "/etc/nova/f.ini:3: [a] no key before `=` or `:`",
            "/etc/nova/f.ini:5: [a] neither a section, nor `key = value`, nor indented to go on \
             with a value",
        ]
    );
    assert_eq!(
        told("\n# x\nx = 1\ny = 2\n[a]\nz = 1\n"),
        ["/etc/nova/f.ini:3: no section header before this line"]
    );
    let told = told("\u{feff}[a]\nx = 1\n");
    assert_eq!(told.len(), 1);
    assert!(
        told[0].contains(":1: ") && told[0].contains("(BOM)"),
        "{told:?}"
    );
}

#[test]
fn rule_7_a_section_has_the_defaults_and_the_files_own_place() {
    let text = "[DEFAULT]\nd = %(x)s\n[a]\nx = %(here)s %(__file__)s\n";
    assert_eq!(value(text, "d"), "/etc/nova /etc/nova/f.ini");
    assert_eq!(value("[DEFAULT]\nhere = 1\n[a]\nx = %(here)s\n", "x"), "1");
    assert_eq!(value("[a]\nhere = 1\nx = %(here)s\n", "x"), "1");
}

#[test]
fn rule_8_references_are_resolved_and_stand_where_they_are_set() {
    let text = "[DEFAULT]\nnets = n1\n  n2\n[a]\nx = %(nets)s 100%%\n  n3 %(y)s\ny = %(nets)s\n";
    assert_eq!(value(text, "x"), "n1\nn2 100%\nn3 n1\nn2");
    assert_eq!(
        words(text, "x"),
        [
            ("n1", 2),
            ("n2", 3),
            ("100%", 5),
            ("n3", 6),
            ("n1", 2),
            ("n2", 3)
        ]
        .map(|(word, line)| (word.into(), line))
    );
    // No line says it, so it stands where it is asked for.
    assert_eq!(
        words("[a]\nx =\n  %(here)s", "x"),
        [("/etc/nova".into(), 3)]
    );
}

#[test]
fn rule_8_what_cannot_be_resolved_is_told_at_its_line() {
    for (text, message) in [
        ("x =\n  5%", ":3: [a] x: a `%` must be followed by"),
        ("x = %s", ":2: [a] x: a `%` must be followed by"),
        ("x = 1\n  %(y)", ":3: [a] x: `%(` must be followed by"),
        ("x = %()s", ":2: [a] x: `%(` must be followed by"),
        ("x = 1\n  %(no)s", ":3: [a] x: no key `no`, in the section"),
        (
            "x = %(y)s\ny = %(no)s",
            ":3: [a] x: no key `no`, in the section",
        ),
        (
            "x = 1 %(x)s",
            ":2: [a] x: `%(…)s` within `%(…)s`, more than 10",
        ),
    ] {
        let wrong = wrong(&format!("[a]\n{text}\n"), "x");
        assert!(wrong.contains(message), "{wrong}");
    }
    let chain = |depth| {
        let links = (1..depth).map(|at| format!("x{at} = %(x{})s\n", at + 1));
        format!("[a]\n{}x{depth} = %%\n", links.collect::<String>())
    };
    assert_eq!(value(&chain(10), "x1"), "%");
    assert!(wrong(&chain(11), "x1").contains("more than 10"));
}

#[test]
fn ten_levels_do_not_fill_the_memory() {
    for leaf in ["", "ten letters"] {
        let mut text = format!("[a]\nx0 = {leaf}\n");
        for at in 1..10 {
            let below = format!("%(x{})s", at - 1).repeat(100);
            text.push_str(&format!("x{at} = {below}\n"));
        }
        assert!(wrong(&text, "x9").contains("more than 10000 `%(…)s`"));
    }
    let long = "x".repeat(4000);
    let text = format!("[a]\nx = {}\ny = {long}\n", "%(y)s".repeat(300));
    assert!(wrong(&text, "x").contains("longer than 1048576 bytes"));
}

#[test]
fn a_secret_is_in_no_message_and_no_debug() {
    let ini = read("[a]\nuser_password = hun%(ter2)s\nurl = http://%(user_password)s/\n").unwrap();
    let section = ini.section("a").unwrap();
    for setting in section.settings() {
        let wrong = ini.resolved(section, setting).unwrap_err().to_string();
        assert!(!wrong.contains("ter2"), "{wrong}");
    }
    let debug = format!("{ini:?}");
    assert!(
        debug.contains("user_password") && !debug.contains("hun"),
        "{debug}"
    );
    assert!(!told("[a]\npassword hunter2\n")[0].contains("hunter2"));
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_is_too_odd(text in "(\\PC|[\\[\\]=:%()s#; \t\r\n]){0,80}") {
            if let Ok(ini) = read(&text) {
                for section in ini.sections() {
                    for setting in section.settings() {
                        _ = ini.resolved(section, setting);
                    }
                }
            }
        }

        #[test]
        fn words_are_those_of_the_value(lines in prop::collection::vec("[a-c]{0,2}( [a-c]{1,2}){0,2}", 1..6)) {
            let text = format!("[a]\nx = {}\n", lines.join("\n  "));
            let expected = lines.iter().zip(2_u32..);
            let expected: Vec<_> = expected
                .flat_map(|(line, at)| line.split_whitespace().map(move |word| (word.to_owned(), at)))
                .collect();
            prop_assert_eq!(words(&text, "x"), expected);
        }
    }
}
