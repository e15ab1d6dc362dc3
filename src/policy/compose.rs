//! Several policies as one: asked in order, the first hold is the answer.

use std::{borrow::Cow, sync::Arc};

use super::{Hold, Inspection, Policy};
use crate::nova::Operation;

/// Asks one of several: only about what it concerns, and under its own name.
fn ask(policy: &(impl Policy + ?Sized), request: &Inspection<'_>) -> Result<(), Hold> {
    if !policy.concerns(&request.operation()) {
        return Ok(());
    }
    policy.check(request).map_err(|hold| match hold {
        Hold::Deny(denial) => Hold::Deny(denial.by(|| policy.name())),
        need @ Hold::Need(_) => need,
    })
}

fn join(names: impl Iterator<Item = Cow<'static, str>>) -> Cow<'static, str> {
    let names: Vec<_> = names.collect();
    match names.as_slice() {
        [] => Cow::Borrowed("none"),
        [one] => one.clone(),
        several => Cow::Owned(several.join("+")),
    }
}

impl<P: Policy> Policy for [P] {
    fn name(&self) -> Cow<'static, str> {
        join(self.iter().map(Policy::name))
    }

    fn concerns(&self, operation: &Operation) -> bool {
        self.iter().any(|policy| policy.concerns(operation))
    }

    fn check(&self, request: &Inspection<'_>) -> Result<(), Hold> {
        self.iter().try_for_each(|policy| ask(policy, request))
    }
}

macro_rules! delegate {
    ($([$($generics:tt)*] $type:ty => |$this:ident| $inner:expr;)*) => {$(
        impl<$($generics)*> Policy for $type {
            fn name(&self) -> Cow<'static, str> {
                let $this = self;
                $inner.name()
            }

            fn concerns(&self, operation: &Operation) -> bool {
                let $this = self;
                $inner.concerns(operation)
            }

            fn check(&self, request: &Inspection<'_>) -> Result<(), Hold> {
                let $this = self;
                $inner.check(request)
            }
        }
    )*};
}

delegate! {
    [] () => |_none| <[&dyn Policy]>::as_ref(&[]);
    [P: Policy + ?Sized] &P => |this| (**this);
    [P: Policy + ?Sized] Arc<P> => |this| (**this);
    [P: Policy + ?Sized] Box<P> => |this| (**this);
    [P: Policy] Option<P> => |this| this.as_slice();
    [P: Policy] Vec<P> => |this| this.as_slice();
    [P: Policy, const N: usize] [P; N] => |this| this.as_slice();
}

macro_rules! tuples {
    ($($policy:ident)*) => {
        impl<$($policy: Policy),*> Policy for ($($policy,)*) {
            fn name(&self) -> Cow<'static, str> {
                #[expect(non_snake_case, reason = "the members are named as their types")]
                let ($($policy,)*) = self;
                join([$($policy.name()),*].into_iter())
            }

            fn concerns(&self, operation: &Operation) -> bool {
                #[expect(non_snake_case, reason = "the members are named as their types")]
                let ($($policy,)*) = self;
                $($policy.concerns(operation))||*
            }

            fn check(&self, request: &Inspection<'_>) -> Result<(), Hold> {
                #[expect(non_snake_case, reason = "the members are named as their types")]
                let ($($policy,)*) = self;
                $(ask($policy, request)?;)*
                Ok(())
            }
        }
    };
}

tuples!(A);
tuples!(A B);
tuples!(A B C);
tuples!(A B C D);
tuples!(A B C D E);
tuples!(A B C D E F);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Denial, Need};

    /// Concerns creates, and holds every one of them.
    struct Held(&'static str, Hold);

    impl Policy for Held {
        fn name(&self) -> Cow<'static, str> {
            self.0.into()
        }

        fn concerns(&self, operation: &Operation) -> bool {
            *operation == Operation::CreateServer
        }

        fn check(&self, request: &Inspection<'_>) -> Result<(), Hold> {
            assert_eq!(
                request.operation(),
                Operation::CreateServer,
                "not concerned"
            );
            Err(self.1.clone())
        }
    }

    fn denies(name: &'static str) -> Held {
        Held(name, Denial::forbidden("no", "no").into())
    }

    fn verdict(policy: &(impl Policy + ?Sized)) -> Option<String> {
        match policy.check(&Inspection::new(Operation::CreateServer)) {
            Err(Hold::Deny(denial)) => denial.policy().map(str::to_owned),
            Err(Hold::Need(need)) => Some(format!("{need:?}")),
            Ok(()) => None,
        }
    }

    #[test]
    fn the_first_refusal_answers_and_says_whose_it_is() {
        assert_eq!(verdict(&(denies("a"), denies("b"))), Some("a".into()));
        let boxed: Vec<Box<dyn Policy>> = vec![Box::new(denies("c")), Box::new(denies("d"))];
        assert_eq!(verdict(&(boxed, denies("e"))), Some("c".into()));
        assert_eq!(verdict(&(Arc::new([denies("f")]),)), Some("f".into()));
    }

    #[test]
    fn a_need_comes_before_a_later_refusal() {
        let needs = Held("n", Hold::Need(Need::Body));
        assert_eq!(verdict(&(needs, denies("b"))), Some("Body".into()));
    }

    #[test]
    fn no_policy_concerns_and_refuses_nothing() {
        let none: [Box<dyn Policy>; 0] = [];
        assert!(!none.concerns(&Operation::CreateServer));
        assert_eq!(verdict(&none), None);
        assert_eq!(none.name(), "none");
        assert_eq!(verdict(&None::<Held>), None);
    }

    #[test]
    fn a_member_is_asked_only_about_what_it_concerns() {
        let policy = (denies("a"), Some(denies("b")));
        assert!(!policy.concerns(&Operation::Other));
        assert!(policy.check(&Inspection::new(Operation::Other)).is_ok());
        assert_eq!(policy.name(), "a+b");
    }
}
