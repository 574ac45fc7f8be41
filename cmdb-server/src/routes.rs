//! The table of all routes. Router, rights, the API's description and the authorisation test read it and nothing
//! else: a route is a function in `handlers/` and a line here.

use crate::handlers::*;
use crate::route::Route;
use std::sync::LazyLock;

static TABLE: LazyLock<Vec<Route>> = LazyLock::new(|| {
    vec![
        health::live(),
        health::ready(),
        health::metrics(),
        health::description(),
        operations::status(),
        session::read(),
        session::sign_in(),
        session::sign_out(),
        session::change_password(),
        items::list(),
        items::create(),
        items::read(),
        items::edit(),
        items::remove(),
        items::relationships(),
        history::read(),
        history::purge(),
        relationships::list(),
        relationships::create(),
        relationships::remove_between(),
        relationships::read(),
        relationships::edit(),
        relationships::remove(),
        schema::classes(),
        schema::class(),
        schema::relationship_types(),
        schema::apply(),
        search::search(),
        impact::ask(),
        impact::ask_in_query(),
        impact::drawn::export(),
        reach::dependents(),
        reach::dependencies(),
        path::path(),
        query::ask(),
        ranking::ranking(),
        imports::list(),
        imports::start(),
        imports::read(),
        import_plans::list(),
        import_plans::read(),
        import_plans::forget(),
        import_plans::apply(),
        undo::undo(),
        exports::export(),
        prometheus::targets(),
        ansible::inventory(),
        baselines::list(),
        baselines::create(),
        baselines::approve(),
        changes::list(),
        changes::create(),
        changes::reports::unauthorised(),
        changes::reports::accuracy(),
        changes::read(),
        changes::edit(),
        changes::findings::read(),
        changes::moves::assess(),
        changes::moves::submit(),
        changes::moves::approve(),
        changes::moves::reject(),
        changes::moves::schedule(),
        changes::moves::start(),
        changes::moves::finish(),
        changes::moves::back_out(),
        changes::moves::review(),
        changes::moves::close(),
        changes::moves::cancel(),
        changes::rules::read(),
        changes::rules::apply(),
        changes::rules::approve_model(),
        changes::rules::withdraw_model(),
        diff::compare(),
        log::list(),
        log::entry(),
        jobs::list(),
        jobs::read(),
        jobs::events(),
        jobs::cancel(),
        events::follow(),
        webhooks::list(),
        webhooks::create(),
        webhooks::read(),
        webhooks::edit(),
        webhooks::remove(),
        webhooks::rotate(),
        webhooks::deliveries(),
        webhooks::test(),
        sources::list(),
        sources::add(),
        sources::read(),
        sources::edit(),
        sources::remove(),
        sources::run(),
        users::list(),
        users::create(),
        users::edit(),
        users::set_password(),
        tokens::list(),
        tokens::create(),
        tokens::revoke(),
        operations::audit(),
        operations::verify(),
        operations::backup(),
        operations::compact(),
    ]
});

/// All routes.
pub fn table() -> &'static [Route] {
    &TABLE
}

/// Whether a path as sent is one of the pattern's.
pub(crate) fn matches(pattern: &str, path: &str) -> bool {
    let (mut parts, mut sent) = (pattern.split('/'), path.split('/'));
    loop {
        match (parts.next(), sent.next()) {
            (None, None) => return true,
            (Some(part), Some(sent)) if part == sent || (part.starts_with('{') && !sent.is_empty()) => {}
            _ => return false,
        }
    }
}
