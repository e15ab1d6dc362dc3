//! The list of cases that a buffering body has to get right.

use std::{collections::VecDeque, pin::pin};

use http::HeaderValue;
use http_body::{Frame, SizeHint};
use tokio_test::block_on;

use super::*;
use crate::{
    body::{InspectBody, IntoInspect, State},
    nova::Operation,
};

/// A body that plays a script of frames, and announces a length if it is given one.
#[derive(Default)]
struct Script {
    frames: VecDeque<Result<Frame<Bytes>, &'static str>>,
    announced: Option<u64>,
}

impl Body for Script {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        Poll::Ready(self.frames.pop_front())
    }

    fn is_end_stream(&self) -> bool {
        self.frames.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        self.announced.map(SizeHint::with_exact).unwrap_or_default()
    }
}

fn script<const N: usize>(frames: [&'static str; N]) -> Script {
    let frames = frames.map(|text| Ok(Frame::data(Bytes::from_static(text.as_bytes()))));
    Script {
        frames: frames.into(),
        announced: None,
    }
}

fn trailers() -> HeaderMap {
    HeaderMap::from_iter([("x-sum".parse().unwrap(), HeaderValue::from_static("7"))])
}

fn read(script: Script, limit: usize) -> Result<InspectBody<Script>, ReadError> {
    let mut body = pin!(script);
    let (data, trailers) = block_on(Reading::new(body.as_mut(), limit))?;
    Ok(InspectBody::whole(data, trailers))
}

/// Everything that comes out of a body.
fn drain<B: Body<Data = Bytes>>(body: B) -> (Vec<Bytes>, Option<HeaderMap>) {
    let mut body = pin!(body);
    let (mut data, mut trailers) = (Vec::new(), None);
    block_on(async {
        while let Some(Ok(frame)) = std::future::poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
            match frame.into_data() {
                Ok(bytes) => data.push(bytes),
                Err(frame) => trailers = frame.into_trailers().ok(),
            }
        }
    });
    (data, trailers)
}

fn whole(body: &InspectBody<Script>) -> Bytes {
    let State::Whole(bytes) = body.state() else {
        panic!("not read")
    };
    bytes.clone()
}

#[test]
fn one_frame_is_kept_as_it_came() {
    let bytes = Bytes::from(vec![b'x'; 100]);
    let frames = [Ok(Frame::data(bytes.clone()))].into();
    let Ok(body) = read(
        Script {
            frames,
            announced: None,
        },
        100,
    ) else {
        panic!()
    };
    assert_eq!(whole(&body).as_ptr(), bytes.as_ptr());
    assert_eq!(drain(body).0[0].as_ptr(), bytes.as_ptr());
}

#[test]
fn several_frames_are_joined_and_empty_ones_do_not_count() {
    let Ok(body) = read(script(["", "ab", "", "c", "def"]), 6) else {
        panic!()
    };
    assert_eq!(whole(&body), "abcdef");
    assert_eq!(body.size_hint().exact(), Some(6));
    assert!(!body.is_end_stream());
    assert_eq!(drain(body).0, ["abcdef"]);
}

#[test]
fn an_announced_length_makes_room_once() {
    let mut body = script(["ab", "cd", "ef"]);
    body.announced = Some(4);
    let Ok(body) = read(body, 6) else { panic!() };
    assert_eq!(whole(&body), "abcdef");
    // A length that lies takes no memory beyond the limit.
    let mut body = script(["ab", "cd"]);
    body.announced = Some(u64::MAX);
    assert!(read(body, 6).is_ok());
}

#[test]
fn an_empty_body_ends_at_once() {
    let Ok(body) = read(script([]), 0) else {
        panic!()
    };
    assert_eq!(whole(&body), "");
    assert!(body.is_end_stream());
    assert_eq!(body.size_hint().exact(), Some(0));
    assert_eq!(drain(body), (vec![], None));
}

#[test]
fn trailers_are_kept_even_alone() {
    for data in [vec!["ab"], vec![]] {
        let mut body = Script::default();
        body.frames.extend(
            data.iter()
                .map(|text| Ok(Frame::data(Bytes::from_static(text.as_bytes())))),
        );
        body.frames.push_back(Ok(Frame::trailers(trailers())));
        let Ok(body) = read(body, 2) else { panic!() };
        assert!(!body.is_end_stream());
        let (read, kept) = drain(body);
        assert_eq!(read, data);
        assert_eq!(kept, Some(trailers()));
    }
}

#[test]
fn the_limit_is_met_at_n_and_passed_at_n_and_one() {
    assert!(read(script(["abc", "def"]), 6).is_ok());
    let Err(ReadError::TooLarge(bytes)) = read(script(["abc", "defg"]), 6) else {
        panic!()
    };
    assert_eq!(bytes, "abcdefg");
    let Err(ReadError::TooLarge(_)) = read(script(["abcdefg"]), 6) else {
        panic!()
    };
}

#[test]
fn a_body_that_is_cut_off_is_broken() {
    let mut body = script(["ab"]);
    body.frames.push_back(Err("gone"));
    assert!(matches!(read(body, 6), Err(ReadError::Broken)));
}

#[test]
fn a_resumed_body_goes_on_whole_and_can_be_read_again() {
    let begin = |body: InspectBody<Script>, limit| {
        let mut body = Box::pin(body);
        let Err(ReadError::TooLarge(bytes)) = block_on(Reading::new(body.as_mut(), limit)) else {
            panic!()
        };
        InspectBody::resumed(bytes, body)
    };
    let once = || begin(InspectBody::new(script(["abc", "def", "ghi"])), 2);
    let body = once();
    assert!(matches!(body.state(), State::Unread));
    assert_eq!(
        (body.size_hint().lower(), body.size_hint().upper()),
        (3, None)
    );
    assert_eq!(drain(body).0.concat(), b"abcdefghi");

    let twice = begin(once(), 4);
    assert_eq!(drain(twice).0.concat(), b"abcdefghi");
    let mut read = pin!(once());
    let (data, _) = block_on(Reading::new(read.as_mut(), 9)).ok().unwrap();
    assert_eq!(data, "abcdefghi");
}

#[test]
fn an_untouched_body_passes_everything_through() {
    let mut inner = script(["ab", "", "c"]);
    inner.announced = Some(3);
    inner.frames.push_back(Ok(Frame::trailers(trailers())));
    let body = InspectBody::new(inner);
    assert!(matches!(body.state(), State::Unread));
    assert_eq!(body.size_hint().exact(), Some(3));
    assert_eq!(
        drain(body),
        (vec!["ab".into(), "".into(), "c".into()], Some(trailers()))
    );
}

#[test]
fn wrapping_a_wrapped_body_changes_nothing() {
    let Ok(body) = read(script(["ab"]), 2) else {
        panic!()
    };
    let body: InspectBody<Script> = body.into_inspect();
    assert_eq!(whole(&body), "ab");
}

#[test]
fn the_view_belongs_to_one_operation_and_goes_with_the_first_frame() {
    let Ok(mut body) = read(script([r#"{"server": {"networks": "none"}}"#]), 100) else {
        panic!()
    };
    body.interpret(Operation::CreateServer).unwrap();
    assert!(body.view(Operation::CreateServer).is_some());
    assert!(body.view(Operation::Other).is_none());
    let mut body = pin!(body);
    let _frame = block_on(std::future::poll_fn(|cx| body.as_mut().poll_frame(cx)));
    assert!(body.view(Operation::CreateServer).is_none());
    assert!(matches!(body.state(), State::Partial));
}

#[test]
fn a_body_somebody_began_to_read_is_not_taken_for_a_whole_one() {
    let mut body = Box::pin(InspectBody::new(script(["ab", "c"])));
    let _frame = block_on(std::future::poll_fn(|cx| body.as_mut().poll_frame(cx)));
    assert!(matches!(body.state(), State::Partial));
}

#[test]
fn debug_shows_no_bytes() {
    let Ok(body) = read(script(["hunter2"]), 100) else {
        panic!()
    };
    assert_eq!(format!("{body:?}"), "InspectBody(read)");
}
