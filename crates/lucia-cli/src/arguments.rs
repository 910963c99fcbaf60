use clap::{Args, Parser, Subcommand, ValueEnum};

/// Looks after the users, keys and sessions that Lucia stores.
#[derive(Parser)]
#[command(
    name = "lucia",
    version,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 done, 1 something was found to be wrong or does not exist, 2 the command could not run."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) stores: StoreArguments,
    /// Prints JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Where everything is stored.
#[derive(Args)]
#[command(next_help_heading = "Stores")]
pub(crate) struct StoreArguments {
    /// The database of users, keys and, without `--sessions`, sessions: postgres://, mysql://, sqlite: or file:
    #[arg(long, global = true, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub(crate) database: Option<String>,
    /// The store of sessions, if it is another one: redis://, rediss://, or an unstorage server at http:// or https://
    #[arg(long, global = true, env = "SESSIONS_URL", hide_env_values = true, value_name = "URL")]
    pub(crate) sessions: Option<String>,
    #[command(flatten)]
    pub(crate) names: Names,
}

/// The names in a store.
#[derive(Args)]
#[command(next_help_heading = "Names")]
pub(crate) struct Names {
    /// The table of users
    #[arg(long, global = true, default_value = "User", value_name = "NAME")]
    pub(crate) user_table: String,
    /// The table of sessions
    #[arg(long, global = true, default_value = "Session", value_name = "NAME")]
    pub(crate) session_table: String,
    /// The table of keys
    #[arg(long, global = true, default_value = "Key", value_name = "NAME")]
    pub(crate) key_table: String,
    /// The table of one-time tokens and counters, if there is one
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) token_table: Option<String>,
    /// The schema of the tables (Postgres), or their database (MySQL)
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) schema: Option<String>,
    /// The keys in Redis
    #[arg(long, global = true, value_enum, default_value_t = RedisKeys::Default)]
    pub(crate) redis_keys: RedisKeys,
    /// The bearer token of the unstorage server
    #[arg(long, global = true, env = "UNSTORAGE_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub(crate) unstorage_token: Option<String>,
}

/// The keys of sessions in Redis.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum RedisKeys {
    /// session:{id} and userSession:{user_id}
    Default,
    /// Those of Lucia JS 2: session:{id} and user_sessions:{user_id}
    #[value(name = "lucia-2")]
    Lucia2,
    /// Those of Lucia JS 1: bare ids
    #[value(name = "lucia-1")]
    Lucia1,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Checks tables, indexes, clocks, expired sessions and plain session ids
    Doctor,
    /// Creates tables
    #[command(subcommand)]
    Tables(TablesCommand),
    /// Shows users
    #[command(subcommand)]
    Users(UsersCommand),
    /// Lists and revokes sessions
    #[command(subcommand)]
    Sessions(SessionsCommand),
    /// Deletes expired sessions and, with `--token-table`, expired tokens and counters
    Purge,
    /// Sets passwords
    #[command(subcommand)]
    Password(PasswordCommand),
    /// Changes how sessions are stored
    #[command(subcommand)]
    Migrate(MigrateCommand),
    /// Copies live sessions from one store to another
    Copy(CopyArguments),
}

#[derive(Subcommand)]
pub(crate) enum TablesCommand {
    /// Creates the tables and indexes that do not exist, as Prisma would
    Create {
        /// Prints the statements for an empty database, and runs nothing
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Subcommand)]
pub(crate) enum UsersCommand {
    /// Shows a user with their keys
    Show(WhichUser),
}

/// A user, by id or by a key.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct WhichUser {
    /// The id of the user
    pub(crate) user_id: Option<String>,
    /// A key of the user, such as github:583231
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<String>,
}

#[derive(Subcommand)]
pub(crate) enum SessionsCommand {
    /// Lists the sessions of a user
    List {
        /// The id of the user
        user_id: String,
    },
    /// Revokes one session of a user, or all
    Revoke {
        /// The id of the user
        user_id: String,
        #[command(flatten)]
        which: WhichSessions,
    },
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct WhichSessions {
    /// The handle of the session, as `list` shows it
    #[arg(long)]
    pub(crate) handle: Option<String>,
    /// All sessions
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Subcommand)]
pub(crate) enum PasswordCommand {
    /// Sets the password of a key to the first line of standard input, and ends the sessions of its user
    Set {
        /// The key, such as username:ada
        key: String,
        /// Keeps the sessions of the user
        #[arg(long)]
        keep_sessions: bool,
        /// Stores a hash that Lucia JS can verify, because it runs beside
        #[arg(long)]
        beside_lucia_js: bool,
    },
}

#[derive(Subcommand)]
pub(crate) enum MigrateCommand {
    /// Replaces the plain session ids of Lucia JS, which must be off, by their hashes
    HashSessions {
        /// Only counts them
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Args)]
pub(crate) struct CopyArguments {
    /// The store to read
    #[arg(long, value_name = "URL")]
    pub(crate) from: String,
    /// The store to write
    #[arg(long, value_name = "URL")]
    pub(crate) to: String,
    /// Copies to a store that has sessions, such as after an interruption. No application may use it yet
    #[arg(long)]
    pub(crate) again: bool,
}
