//! Templates are tried before they are needed.

use super::{Mistake, engines::Engine, sample::Sample, settings::Settings};
use crate::workflow::{Mail, Registry};

/// Renders what each type can come to need: for a task with everything, and for one with no more
/// than it must have.
pub(super) fn lint(settings: &Settings, registry: &Registry, mistakes: &mut Vec<Mistake>) {
    let templates = &settings.templates;
    let url = &settings.token_url;
    for task_type in registry.types() {
        let Some(own) = settings.types.get(&task_type.name) else {
            continue;
        };
        for sample in [
            Sample::full(registry, task_type),
            Sample::bare(registry, task_type),
        ] {
            let letters = own.letters.values().map(|it| (Mail::Completed, it));
            for (mail, it) in own
                .mails
                .iter()
                .map(|(mail, it)| (*mail, it))
                .chain(letters)
            {
                let view = sample.mail(mail, url);
                it.form
                    .templates()
                    .for_each(|it| templates.lint(it, &view, mistakes));
            }
            for error in [false, true] {
                let view = sample.notification(error);
                let engines = own.engines(error).iter();
                engines
                    .flat_map(Engine::templates)
                    .for_each(|it| templates.lint(it, &view, mistakes));
            }
        }
    }
}
