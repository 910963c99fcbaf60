use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};

use super::{ServerBuilder, ServiceError};

/// Starts the program that follows the folder and the name of a signal, tells its process id, and waits for a word.
///
/// When the pipe ends without one, because its owner dropped it or died in whatever way, the program is ended and the folder
/// removed. A program that has ended leaves its status in the folder; who writes that is who removes the folder, or one would
/// write into what the other removes. Ctrl-C goes to all of them and is left to the owner.
const SCRIPT: &str = r#"
folder=$1
signal=$2
shift 2
trap '' INT
exec 3<&0 </dev/null
"$@" >>"$folder/log" 2>&1 3<&- &
server=$!
{
    read -r word <&3
    [ "$word" = leave ] && exit 0
    if [ ! -e "$folder/status" ]; then
        kill "-$signal" "$server"
        kill -CONT "$server"
        left=50
        while [ "$signal" != KILL ] && [ ! -e "$folder/status" ] && [ "$left" -gt 0 ]; do
            sleep 0.1
            left=$((left - 1))
        done
        [ -e "$folder/status" ] || kill -KILL "$server"
    fi
    exit 1
} >/dev/null 2>&1 &
watcher=$!
echo "$server"
exec >/dev/null 2>&1 3<&-
wait "$server"
status=$?
echo "$status" >"$folder/ended" && mv "$folder/ended" "$folder/status"
wait "$watcher" || rm -rf "$folder"
"#;

/// The shell that outlives this process long enough to end the server.
#[derive(Debug)]
pub(super) struct Watchdog {
    shell: Child,
    pipe: Option<ChildStdin>,
    server: Pid,
}

impl Watchdog {
    /// Starts `program` with what it prints appended to `log` in the folder.
    pub(super) fn start(
        builder: &ServerBuilder,
        folder: &Path,
        arguments: &[String],
        variables: &[(String, String)],
    ) -> Result<Self, ServiceError> {
        let starting = "starting a server";
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "sh"]).arg(folder).arg(builder.last_signal).arg(&builder.program).args(arguments);
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).current_dir(folder);
        if let Some(user) = builder.user() {
            user.run(&mut command);
        }
        let mut shell = command.spawn().map_err(ServiceError::io(starting))?;
        let mut line = String::new();
        if let Some(output) = shell.stdout.take() {
            BufReader::new(output).read_line(&mut line).map_err(ServiceError::io(starting))?;
        }
        let server = line.trim().parse().ok().and_then(Pid::from_raw);
        let server = server.ok_or_else(|| ServiceError::io(starting)(std::io::Error::other("the shell told no id")))?;
        let pipe = shell.stdin.take();
        Ok(Self { shell, pipe, server })
    }

    pub(super) const fn server(&self) -> Pid {
        self.server
    }

    pub(super) fn signal(&self, signal: Signal) -> Result<(), ServiceError> {
        kill_process(self.server, signal).map_err(|error| ServiceError::io("signalling a server")(error.into()))
    }

    /// Lets go of a server that has ended, and of its folder.
    pub(super) fn leave(mut self) -> Result<(), ServiceError> {
        if let Some(mut pipe) = self.pipe.take() {
            pipe.write_all(b"leave\n").map_err(ServiceError::io("ending a watchdog"))?;
        }
        Ok(())
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        drop(self.pipe.take());
        // Nothing can be done about an error here.
        let _ = self.shell.wait();
    }
}
