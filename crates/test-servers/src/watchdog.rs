use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{ServiceError, launch::Launch};

/// Starts the program that follows the folder and the name of a signal, prints its process id, and waits for a line.
///
/// If the pipe ends without one, because its owner dropped it or died, the script ends the program and removes the
/// folder. When the program ends, the script writes the exit status into the folder. The same shell writes it and
/// removes the folder, so that neither happens during the other. Ctrl-C reaches the whole group and is left to the
/// owner.
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

/// A shell that outlives this process until it has ended the server.
#[derive(Debug)]
pub(crate) struct Watchdog {
    shell: Child,
    pipe: Option<ChildStdin>,
    server: Pid,
}

impl Watchdog {
    /// Starts a server, whose output is appended to `log` in the folder.
    pub(crate) fn start(launch: &Launch, folder: &Path) -> Result<Self, ServiceError> {
        let starting = "starting a server";
        let Launch { program, arguments, variables, user, last_signal } = launch;
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "sh"]).arg(folder).arg(last_signal).arg(program).args(arguments);
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).current_dir(folder);
        if let Some(user) = user {
            user.run(&mut command);
        }
        let mut shell = command.spawn().map_err(ServiceError::io(starting))?;
        let mut line = String::new();
        if let Some(output) = shell.stdout.take() {
            BufReader::new(output).read_line(&mut line).map_err(ServiceError::io(starting))?;
        }
        let server = line.trim().parse().ok().and_then(Pid::from_raw);
        let server = server
            .ok_or_else(|| ServiceError::io(starting)(std::io::Error::other("the shell printed no process id")))?;
        let pipe = shell.stdin.take();
        Ok(Self { shell, pipe, server })
    }

    pub(crate) const fn server(&self) -> Pid {
        self.server
    }

    pub(crate) fn signal(&self, signal: Signal) -> Result<(), ServiceError> {
        kill_process(self.server, signal).map_err(|error| ServiceError::io("signalling a server")(error.into()))
    }

    /// Tells the shell to leave the folder of a server that has ended.
    pub(crate) fn leave(mut self) -> Result<(), ServiceError> {
        if let Some(mut pipe) = self.pipe.take() {
            pipe.write_all(b"leave\n").map_err(ServiceError::io("ending a watchdog"))?;
        }
        Ok(())
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        drop(self.pipe.take());
        // There is nobody to report an error to.
        let _ = self.shell.wait();
    }
}
