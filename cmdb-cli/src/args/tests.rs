//! The definitions of the command line hold together.

use super::Args;
use clap::{Command, CommandFactory};

/// A command's own option under the id of a global one would take its values, or end the process at parsing.
fn check(command: &Command, globals: &[String], path: &str) {
    for argument in command.get_arguments() {
        let id = argument.get_id().to_string();
        assert!(
            !globals.contains(&id),
            "{path}: \"{id}\" is the id of a global option; give the field another name"
        );
    }
    for inner in command.get_subcommands() {
        check(inner, globals, &format!("{path} {}", inner.get_name()));
    }
}

#[test]
fn no_command_takes_the_name_of_a_global_option() {
    let command = Args::command();
    let globals: Vec<String> =
        command.get_arguments().filter(|a| a.is_global_set()).map(|a| a.get_id().to_string()).collect();
    assert!(globals.len() > 5, "{globals:?}");
    command.get_subcommands().for_each(|inner| check(inner, &globals, inner.get_name()));
}

#[test]
fn every_option_can_be_parsed() {
    Args::command().debug_assert();
}
