mod tables;
mod users;
mod sessions;
mod password;
mod scan;
mod doctor;
mod purge;
mod hash_sessions;
mod copy;

use crate::{
    arguments::{Arguments, Command, MigrateCommand, PasswordCommand, SessionsCommand, TablesCommand, UsersCommand},
    failure::Failure,
    output::{Outcome, Output},
};

pub(crate) async fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let Arguments { stores, json, command } = arguments;
    let output = if json { Output::Json } else { Output::Text };
    match command {
        Command::Doctor => doctor::run(&stores, output).await,
        Command::Tables(TablesCommand::Create { dry_run }) => tables::create(&stores, dry_run).await,
        Command::Users(UsersCommand::Show(which)) => users::show(&stores, which, output).await,
        Command::Sessions(SessionsCommand::List { user_id }) => sessions::list(&stores, user_id.into(), output).await,
        Command::Sessions(SessionsCommand::Revoke { user_id, which }) => {
            sessions::revoke(&stores, user_id.into(), which, output).await
        }
        Command::Purge => purge::run(&stores, output).await,
        Command::Password(PasswordCommand::Set { key, keep_sessions, beside_lucia_js }) => {
            password::set(&stores, &key, keep_sessions, beside_lucia_js, output).await
        }
        Command::Migrate(MigrateCommand::HashSessions { dry_run }) => {
            hash_sessions::run(&stores, dry_run, output).await
        }
        Command::Copy(between) => copy::run(&stores.names, &between, output).await,
    }
}
