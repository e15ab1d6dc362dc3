use super::*;

const PATH: &str = "/etc/nova/f.ini";

/// Reads a file, beside which there is `o.ini` with the second text.
fn read_with(text: &str, other: &str) -> Result<Deploy, Vec<String>> {
    let load = |path: &Path| match path.to_str() {
        Some("/etc/nova/o.ini") => Ok(other.to_owned()),
        Some(PATH) => Ok(text.to_owned()),
        _ => Err(io::ErrorKind::NotFound.into()),
    };
    Deploy::read(Path::new(PATH), text, load)
        .map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect())
}

fn read(text: &str) -> Deploy {
    read_with(text, "").unwrap()
}

/// What is told, without the path, which is the same for all.
fn told(text: &str) -> Vec<String> {
    let told = read_with(text, "").unwrap_err();
    told.iter()
        .map(|told| told.replace("/etc/nova/", ""))
        .collect()
}

fn app<'a>(deploy: &'a Deploy, name: &str) -> &'a Section {
    deploy.section(Role::App, name).unwrap()
}

fn factory(section: &Section) -> &Factory {
    match &section.body {
        Body::Factory(factory) => factory,
        Body::FilterApp { filter, .. } => factory(filter),
        Body::Pipeline(_) => panic!("{section:?}"),
    }
}

fn values(settings: &BTreeMap<String, Setting>) -> Vec<(&str, &str)> {
    let visible = settings
        .iter()
        .filter(|(key, _)| !["here", "__file__"].contains(&key.as_str()));
    visible
        .map(|(key, setting)| (key.as_str(), setting.value()))
        .collect()
}

#[test]
fn rule_1_prefixes_say_what_a_section_is() {
    let deploy = read(
        "[app:a]\nuse = egg:E\n[application: b ]\nuse = egg:E\n[composite:c]\nuse = egg:E\n\
         [composit:d]\nuse = egg:E\n[pipeline:e]\npipeline = a\n\
         [filter-app:f]\nuse = egg:E\nnext = a\n[filter:a]\nuse = egg:E\n\
         [server:main]\n[app]\n",
    );
    let kinds = deploy.sections().iter();
    let kinds: Vec<_> = kinds
        .map(|section| (section.kind, section.name.as_str()))
        .collect();
    assert_eq!(
        kinds,
        [
            (Kind::App, "a"),
            (Kind::App, "b"),
            (Kind::Composite, "c"),
            (Kind::Composite, "d"),
            (Kind::Pipeline, "e"),
            (Kind::FilterApp, "f"),
            (Kind::Filter, "a"),
        ]
    );
    let unread: Vec<_> = deploy
        .unread()
        .map(|(header, place)| (header, place.line))
        .collect();
    assert_eq!(unread, [("server:main", 16), ("app", 17)]);
}

#[test]
fn rule_2_a_name_is_taken_once_and_has_to_be_there() {
    assert_eq!(
        told(
            "[app:a]\nuse = egg:E\n[application:a]\nuse = egg:E\n[filter:networks]\nuse = egg:E\n\
             [pipeline:p]\npipeline = netwroks\n   call:m:f what:x egg:#x\n   networks\n"
        ),
        [
            "f.ini:3: [application:a] the name is taken by [app:a] on line 1",
            "f.ini:8: [pipeline:p] pipeline: there is no filter `netwroks`; did you mean \
             `networks`?",
            "f.ini:9: [pipeline:p] pipeline: `call:` can only stand behind `use =`",
            "f.ini:9: [pipeline:p] pipeline: an egg is named as `egg:distribution#entry`",
            "f.ini:9: [pipeline:p] pipeline: the scheme is none of `call:`, `config:` and `egg:`",
            "f.ini:10: [pipeline:p] pipeline: there is no app `networks`",
        ]
    );
}

#[test]
fn rule_2_an_egg_is_named_with_its_entry_point() {
    let deploy = read("[app:a]\nuse = egg:Paste#urlmap\n[pipeline:p]\npipeline = EGG:x\n");
    assert_eq!(factory(app(&deploy, "a")).name, "egg:Paste#urlmap");
    assert_eq!(factory(app(&deploy, "a")).protocol, Protocol::Egg);
    let Body::Pipeline(items) = &app(&deploy, "p").body else {
        panic!()
    };
    let egg = deploy.get(&items[0]).unwrap();
    assert_eq!(
        (factory(&egg).name.as_str(), &*factory(&egg).text),
        ("egg:x#main", "EGG:x")
    );
}

#[test]
fn rule_3_only_set_changes_what_is_global() {
    let deploy = read(
        "[DEFAULT]\nx = 1\ny = 2\n\
         [app:a]\nuse = egg:E\nx = 3\nset y = 4\nset z = 5\nget k = y\nget l = x\nm = %(x)s\n\
         [pipeline:p]\nset x = 6\npipeline = a\n",
    );
    let a = app(&deploy, "a");
    assert_eq!(values(&a.globals), [("x", "1"), ("y", "4"), ("z", "5")]);
    assert_eq!(values(&a.settings), [("k", "4"), ("l", "1"), ("m", "3")]);
    assert_eq!(a.settings["k"].place.line, 9);
    assert_eq!(a.settings["k"].words().next().unwrap().1.line, 7);
    let Body::Pipeline(items) = &app(&deploy, "p").body else {
        panic!()
    };
    let within = deploy.get(&items[0]).unwrap();
    assert_eq!(
        values(&within.settings),
        [("k", "4"), ("l", "6"), ("m", "3")]
    );
    let alone = deploy.get(&items[0].clone().alone()).unwrap();
    assert_eq!(values(&alone.settings), values(&a.settings));
    assert_eq!(
        told("[app:a]\nuse = egg:E\nget k = no\nget password = hunter2\n"),
        [
            "f.ini:3: [app:a] get k: there is no global setting `no`",
            "f.ini:4: [app:a] get password: there is no such global setting",
        ]
    );
}

#[test]
fn rule_4_the_settings_of_the_section_that_uses_win() {
    let deploy = read(
        "[app:a]\nuse = b\nx = 1\nset g = 1\n[composite:b]\nuse = c\nx = 2\ny = 2\nset g = 2\n\
         [app:c]\npaste.app_factory = m:f\nx = 3\ny = 3\nz = 3\nset h = %(z)s\n",
    );
    let a = app(&deploy, "a");
    assert_eq!(values(&a.settings), [("x", "1"), ("y", "2"), ("z", "3")]);
    assert_eq!(values(&a.globals), [("g", "1"), ("h", "3")]);
    assert_eq!(a.settings["y"].place.line, 8);
    assert_eq!((a.kind, a.place.line), (Kind::App, 1));
    let factory = factory(a);
    assert_eq!((&*factory.name, factory.place.line), ("m:f", 11));
}

#[test]
fn rule_4_a_circle_is_told_once() {
    assert_eq!(
        told("[app:a]\nuse = b\n[app:b]\nuse = c\n[app:c]\nuse = b\n[filter:f]\nuse = f\n"),
        [
            "f.ini:3: [app:b] `use` goes round: [app:b] → [app:c] → [app:b]",
            "f.ini:7: [filter:f] `use` goes round: [filter:f] → [filter:f]",
        ]
    );
    let mut long = "[app:0]\nuse = egg:E\n".to_owned();
    for at in 1..100 {
        long.push_str(&format!("[app:{at}]\nuse = {}\n", at - 1));
    }
    assert_eq!(read(&long).sections().len(), 100);
    long.push_str("[app:100]\nuse = 99\n");
    assert_eq!(
        told(&long),
        ["f.ini:1: [app:0] more than 100 sections that `use` each other"]
    );
}

#[test]
fn rule_5_a_factory_is_named_in_one_way() {
    let deploy = read(
        "[app:a]\npaste.app_factory = m.n : F.g [x]\n[composite:b]\nuse = CALL:m.n:f\n\
         [filter:a]\nuse = call:m:f\n[filter:b]\npaste.filter_app_factory = m:f\n",
    );
    let factories = deploy.sections().iter().map(|section| {
        let factory = factory(section);
        (
            &*factory.name,
            &*factory.text,
            factory.protocol,
            factory.place.line,
        )
    });
    assert_eq!(
        factories.collect::<Vec<_>>(),
        [
            ("m.n:F.g", "m.n : F.g [x]", Protocol::App, 2),
            ("m.n:f", "CALL:m.n:f", Protocol::Composite, 4),
            ("m:f", "call:m:f", Protocol::Filter, 6),
            ("m:f", "m:f", Protocol::FilterApp, 8),
        ]
    );
}

#[test]
fn rule_5_no_factory_or_two_are_a_mistake() {
    assert_eq!(
        told(
            "[app:a]\nx = 1\n[filter:a]\npaste.app_factory = m:f\n\
             [app:b]\npaste.app_factory = m:f\npaste.composite_factory = m:g\n\
             [filter:b]\npaste.filter_factory = m:f\npaste.filter_app_factory = m:g\n\
             [app:c]\nuse = call:m\n[app:d]\npaste.app_factory = m\n\
             [filter-app:e]\nnext = c\nuse = call:m:f\n"
        ),
        [
            "f.ini:1: [app:a] there is neither `use` nor `paste.app_factory`",
            "f.ini:3: [filter:a] there is neither `use` nor `paste.filter_factory`",
            "f.ini:7: [app:b] paste.composite_factory: there is `paste.app_factory` already",
            "f.ini:10: [filter:b] paste.filter_app_factory: there is `paste.filter_factory` \
             already",
            "f.ini:12: [app:c] use: a factory is named as `module:attribute`",
            "f.ini:14: [app:d] paste.app_factory: a factory is named as `module:attribute`",
            "f.ini:17: [filter-app:e] use: a filter-app cannot `use` a `call:`; it can have \
             `paste.filter_factory`",
        ]
    );
}

#[test]
fn rule_6_a_pipeline_and_a_filter_app_have_their_parts() {
    let deploy = read(
        "[pipeline:p]\npipeline = f\n  # x\n  q\nrequire = x\nset g = 1\n\
         [pipeline:q]\npipeline = egg:E\nfilter-with = f\n\
         [filter-app:x]\nuse = f\nnext = p\nk = 2\n\
         [filter:f]\npaste.filter_factory = m:f\nk = 1\n",
    );
    let Body::Pipeline(items) = &app(&deploy, "p").body else {
        panic!()
    };
    let items = items
        .iter()
        .map(|item| (item.role, &*item.word, item.place.line));
    assert_eq!(
        items.collect::<Vec<_>>(),
        [(Role::Filter, "f", 2), (Role::App, "q", 4)]
    );
    let Body::FilterApp { filter, next } = &app(&deploy, "x").body else {
        panic!()
    };
    assert_eq!(
        (filter.kind, values(&filter.settings)),
        (Kind::Filter, vec![("k", "2")])
    );
    assert_eq!((next.role, &*next.word), (Role::App, "p"));
    assert_eq!(
        told(
            "[pipeline:p]\npipeline = a\nx = 1\nuse = a\n[pipeline:q]\n[pipeline:r]\npipeline =\n\
             [filter-app:x]\nuse = egg:E\n[app:a]\nuse = egg:E\n"
        ),
        [
            "f.ini:3: [pipeline:p] x: a pipeline has no such key",
            "f.ini:4: [pipeline:p] use: a pipeline has no such key",
            "f.ini:5: [pipeline:q] there is no `pipeline`",
            "f.ini:7: [pipeline:r] pipeline: a pipeline names an application, and perhaps filters \
             before it",
            "f.ini:8: [filter-app:x] there is no `next`",
        ]
    );
}

#[test]
fn rule_7_filters_of_filter_with_are_outermost_first() {
    let deploy = read(
        "[app:a]\nuse = b\nfilter-with = f\nx = 1\n[app:b]\nuse = egg:E\nset h = 1\n\
         [app:c]\npaste.app_factory = m:f\nfilter-with = g\nset h = 2\n\
         [app:d]\nuse = c\nfilter-with = f\nk = 1\n\
         [filter:f]\nuse = egg:E\n[filter:g]\nuse = egg:E\nget h = __file__\n",
    );
    let d = app(&deploy, "d");
    let filters: Vec<_> = d.filter_with.iter().map(|filter| &*filter.word).collect();
    assert_eq!(filters, ["f", "g"]);
    assert_eq!(values(&d.settings), [("k", "1")]);
    assert_eq!(
        values(&deploy.get(&d.filter_with[1]).unwrap().globals),
        [("h", "2")]
    );
}

#[test]
fn settings_that_reach_nothing_are_a_mistake() {
    assert_eq!(
        told(
            "[app:a]\nuse = p\nx = 1\n[pipeline:p]\npipeline = egg:E\nset g = 1\n\
             [app:b]\nuse = c\nx = 1\nset g = 2\nset h = 2\n\
             [app:c]\nuse = egg:E\nfilter-with = egg:F\nset g = 1\n\
             [app:d]\nuse = p\nset h = 1\n"
        ),
        [
            "f.ini:3: [app:a] x: does not reach what [pipeline:p] builds",
            "f.ini:9: [app:b] x: does not reach what [app:c] builds",
            "f.ini:10: [app:b] set g: does not reach [app:c], which sets it otherwise",
        ]
    );
}

#[test]
fn rule_8_another_file_is_read_with_the_settings_of_who_refers_to_it() {
    let other = "[DEFAULT]\nx = o\nz = o\n[app:main]\nuse = egg:E\nfilter-with = f\ny = own\n\
                 k = %(here)s %(x)s %(y)s\nget l = x\n[filter:f]\nuse = egg:E\n\
                 [composite:c]\nuse = egg:E\nname = f\n\
                 [composite:d]\npaste.composite_factory = m:f\nname = f\nfilter-with = f\n";
    let deploy = read_with(
        "[DEFAULT]\nx = 1\ny = 1\n[app:a]\nuse = config:../nova/o.ini\n\
         [composite:b]\nuse = config:o.ini#c\n[composite:d]\nuse = config:o.ini#d\n\
         [filter:f]\nuse = egg:Own\n",
        other,
    )
    .unwrap();
    let a = app(&deploy, "a");
    // `y` is a global setting, so the section's own is skipped, but still what `%(y)s` says.
    assert_eq!(values(&a.settings), [("k", "/etc/nova o own"), ("l", "1")]);
    assert_eq!(values(&a.globals), [("x", "1"), ("y", "1"), ("z", "o")]);
    assert_eq!(a.settings["k"].place.to_string(), "/etc/nova/o.ini:8");
    let filter = deploy.get(&a.filter_with[0]).unwrap();
    assert_eq!(filter.place.to_string(), "/etc/nova/o.ini:10");
    // A composite looks in the file of the section that uses it, if no filter is in between.
    for (name, found) in [("b", "egg:Own#main"), ("d", "egg:E#main")] {
        let composite = app(&deploy, name);
        let name = &composite.settings["name"];
        let reference = composite.reference(Role::Filter, name, name.words().next().unwrap());
        assert_eq!(factory(&deploy.get(&reference).unwrap()).name, found);
    }
    let files: Vec<_> = deploy.files().collect();
    assert_eq!(files, [Path::new(PATH), Path::new("/etc/nova/o.ini")]);
}

#[test]
fn mistakes_of_other_files_are_told_where_they_are() {
    let told = read_with(
        "[app:a]\nuse = config:o.ini#bad\n[app:b]\nuse = config:none.ini\n\
         [composite:c]\nuse = egg:E\n/ = config:o.ini\n",
        "[app:main]\nuse = no\n[app:bad]\nx = %\n[app:unused]\n",
    );
    assert_eq!(
        told.unwrap_err(),
        [
            "/etc/nova/f.ini:4: [app:b] use: cannot read `/etc/nova/none.ini`: entity not found",
            "/etc/nova/o.ini:2: [app:main] use: there is no app \
             `no`",
            "/etc/nova/o.ini:3: [app:bad] there is neither `use` nor `paste.app_factory`",
            "/etc/nova/o.ini:4: [app:bad] x: a `%` must be followed by `%` or `(`; for a `%` \
             itself write `%%`",
        ]
    );
    let told = read_with("[app:a]\nuse = config:o.ini\n", "x = 1\n");
    assert_eq!(
        told.unwrap_err(),
        ["/etc/nova/o.ini:1: no section header before this line"]
    );
}

#[test]
fn a_file_that_refers_to_itself_is_read_once() {
    let deploy = read(
        "[app:a]\nuse = config:f.ini#b\nfilter-with = config:../nova/f.ini#f\n[app:b]\nuse = egg:E\n\
         [filter:f]\nuse = egg:E\nfilter-with = config:../nova/f.ini#f\n",
    );
    assert_eq!(deploy.files().count(), 1);
    assert_eq!(
        told("[app:a]\nuse = config:f.ini#a\n"),
        ["f.ini:1: [app:a] `use` goes round: [app:a] → [app:a]"]
    );
}

#[test]
fn sections_without_a_mistake_are_there_beside_those_with_one() {
    let text = "[app:a]\nuse = no\n[app:b]\nuse = egg:E\n";
    let load = |_: &Path| Err(io::ErrorKind::NotFound.into());
    let (deploy, mistakes) = Deploy::survey(Path::new(PATH), text, load);
    assert_eq!(mistakes.len(), 1);
    assert!(deploy.section(Role::App, "a").is_none());
    assert!(deploy.section(Role::App, "b").is_some());
}
