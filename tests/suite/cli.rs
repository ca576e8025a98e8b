//! The program as it is called: what goes to stdout, what to stderr, and the exit code.

use std::path::Path;
use std::process::{Command, Output, Stdio};

fn gleaner(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gleaner"));
    let inherited =
        std::env::vars_os().filter(|(name, _)| !name.to_string_lossy().starts_with("GLEANER_"));
    command.env_clear().envs(inherited);
    command.args(args).current_dir(folder).output().unwrap()
}

#[track_caller]
fn expect(output: &Output, code: i32, stderr: &str) {
    assert_eq!(String::from_utf8_lossy(&output.stderr), stderr);
    assert_eq!(output.status.code(), Some(code));
    assert!(output.stdout.is_empty());
}

#[test]
fn a_wrong_configuration_is_told_whole_and_ends_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[politeness]\nmin_dleay = \"2s\"\nmax_refusals = 0\n";
    std::fs::write(folder.path().join("crawl.toml"), text).unwrap();
    let told = "\
error: crawl.toml:2: unknown key `politeness.min_dleay`
hint: did you mean `min_delay`?
error: crawl.toml:3: `politeness.max_refusals`: `0` is too small, the least is `1`
";
    expect(&gleaner(folder.path(), &["export"]), 2, told);
}

#[test]
fn a_named_file_that_is_missing_ends_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let told = "error: cannot read `other.toml`: No such file or directory (os error 2)\n";
    expect(
        &gleaner(folder.path(), &["status", "--config", "other.toml"]),
        2,
        told,
    );
}

#[test]
fn without_a_data_folder_there_is_nothing_to_export_or_tell() {
    let folder = tempfile::tempdir().unwrap();
    let told = "\
error: `crawl-data/articles.db` does not exist
hint: `gleaner crawl` makes a data folder, `--data` names one
";
    for command in ["export", "status"] {
        expect(&gleaner(folder.path(), &[command]), 2, told);
    }
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none());
}

#[test]
fn help_goes_to_stdout_and_wrong_words_to_stderr() {
    let folder = tempfile::tempdir().unwrap();
    let help = gleaner(folder.path(), &["--help"]);
    assert!(help.status.success() && help.stderr.is_empty() && !help.stdout.is_empty());
    let wrong = gleaner(folder.path(), &["exprot"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(wrong.stdout.is_empty() && !wrong.stderr.is_empty());
}

#[test]
fn a_reader_that_has_gone_is_no_panic() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_gleaner"));
    command
        .arg("export")
        .current_dir(folder.path())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(2));
}
