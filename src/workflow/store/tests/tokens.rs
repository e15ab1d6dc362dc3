//! Tokens.

use super::*;

#[tokio::test]
async fn a_task_has_one_token_which_is_used_once() {
    on_each(async |_, store| {
        let mut task = written(&*store, '1').await;
        let mut put = async |change: TokenChange| {
            let mut it = Change::to(task.clone());
            it.token = change;
            let done = store.commit(std::slice::from_ref(&it)).await.unwrap();
            if done == Committed::Done {
                task = it.task;
            }
            (done, store.tokens(&Page::default()).await.unwrap().pop())
        };
        let (one, two) = (
            token(&self::task('1'), 'a', 10),
            token(&self::task('1'), 'b', 10),
        );
        put(TokenChange::Replaced(one)).await;
        let (_, kept) = put(TokenChange::Replaced(two)).await;
        let kept = kept.unwrap();
        assert_eq!(kept.hash, "b".repeat(64));
        assert_eq!(store.token(&"a".repeat(64)).await.unwrap(), None);
        assert_eq!(store.token(&kept.hash).await.unwrap(), Some(kept.clone()));

        let (_, used) = put(TokenChange::Used(at(6))).await;
        assert_eq!(used.unwrap().used_on, Some(at(6)));
        assert_eq!(put(TokenChange::Used(at(7))).await.0, Committed::Stale);
        // Of a token that is used nobody knows yet whether it is still needed.
        assert_eq!(store.remove_expired_tokens(at(10)).await.unwrap(), 0);
        let (_, released) = put(TokenChange::Released).await;
        assert_eq!(released, Some(kept));
        assert_eq!(store.remove_expired_tokens(at(9)).await.unwrap(), 0);
        assert_eq!(store.remove_expired_tokens(at(10)).await.unwrap(), 1);
        put(TokenChange::Replaced(token(&self::task('1'), 'c', 10))).await;
        assert_eq!(put(TokenChange::Removed).await, (Committed::Done, None));
    })
    .await;
}
