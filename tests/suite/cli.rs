//! The program as it is called: help, words that are none, readers that have gone. What goes
//! wrong beyond that is in `mistakes`.

use crate::support::user::User;

#[tokio::test]
async fn help_goes_to_stdout_and_wrong_words_to_stderr() {
    let user = User::new();
    let help = user.runs("--help").await;
    assert!(help.exits(0).stderr.is_empty() && !help.stdout.is_empty());
    let wrong = user.runs("exprot").await;
    assert!(wrong.exits(2).stdout.is_empty());
    wrong.says("'export'");
}

#[tokio::test]
async fn a_reader_that_has_gone_is_no_panic() {
    let user = User::new();
    // Its stderr is closed before it has anything to say.
    let ended = user
        .types("gleaner export 2>&1 >/dev/null | true; gleaner --help | true")
        .await;
    assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
    let ended = user.types("gleaner export 2>&-; echo $?").await;
    assert_eq!(ended.stdout, b"2\n");
}
