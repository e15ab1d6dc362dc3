use std::{env, fs, path::PathBuf};

use tokio::time::{Duration, Instant};

use super::{CloudError, Fault, Shelf};

/// A file in a folder that is gone at the end.
struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        let folder = env::temp_dir().join(format!("wafflehaus-{}", uuid::Uuid::new_v4()));
        fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    fn shelf(&self) -> Shelf<Vec<u32>> {
        Shelf::in_file(self.0.join("state"))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

async fn push(shelf: &Shelf<Vec<u32>>, number: u32) -> Result<(), CloudError> {
    let push = |state: &mut Vec<u32>| {
        state.push(number);
        Ok(())
    };
    shelf.change("push", push).await
}

async fn all(shelf: &Shelf<Vec<u32>>) -> Vec<u32> {
    shelf.look("all", Clone::clone).await.unwrap()
}

#[tokio::test]
async fn a_file_is_shared_by_all_who_change_it_at_once() {
    let place = Place::new();
    let threads: Vec<_> = (0..4)
        .map(|number| {
            let shelf = place.shelf();
            std::thread::spawn(move || {
                for _ in 0..25 {
                    let push = |state: &mut Vec<u32>| {
                        state.push(number);
                        Ok(())
                    };
                    shelf.edit(push).unwrap();
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let mut numbers = all(&place.shelf()).await;
    numbers.sort_unstable();
    let expected: Vec<u32> = (0..4).flat_map(|it| [it; 25]).collect();
    assert_eq!(numbers, expected);
}

#[tokio::test]
async fn what_fails_changes_nothing() {
    let place = Place::new();
    for shelf in [Shelf::in_memory(), place.shelf()] {
        let fail = |state: &mut Vec<u32>| {
            state.push(1);
            Err::<(), _>(CloudError::Missing { service: "x" })
        };
        shelf.change("fail", fail).await.unwrap_err();
        assert_eq!(all(&shelf).await, [0_u32; 0]);
    }
}

#[tokio::test]
async fn a_file_that_is_not_ours_is_left_alone() {
    let place = Place::new();
    fs::write(place.0.join("state"), "not JSON").unwrap();
    assert!(push(&place.shelf(), 1).await.unwrap_err().may_pass());
    let text = fs::read_to_string(place.0.join("state")).unwrap();
    assert_eq!(text, "not JSON");
}

#[tokio::test(start_paused = true)]
async fn faults_come_when_they_were_ordered() {
    let shelf = Shelf::in_memory();
    let faults = &shelf.faults;
    faults.inject("push", Fault::BeforeEffect);
    faults.inject_after("push", 2, Fault::AfterEffect);
    faults.inject_after("push", 3, Fault::Latency(Duration::from_secs(60)));
    faults.inject("other", Fault::BeforeEffect);
    let start = Instant::now();
    let mut outcomes = Vec::new();
    for number in 0..5 {
        outcomes.push(push(&shelf, number).await.is_ok());
    }
    assert_eq!(outcomes, [false, true, false, true, true]);
    assert_eq!(all(&shelf).await, [1, 2, 3, 4]);
    assert_eq!(start.elapsed(), Duration::from_secs(60));
    assert_eq!((faults.calls("push"), faults.calls("other")), (5, 0));
}
