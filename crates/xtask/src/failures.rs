use std::{
    io::{self, BufRead as _, BufReader, Read, Write},
    process::{Command, Stdio},
};

/// Runs tests, and prints their output. The error repeats what the failed tests have printed, because thousands of lines
/// may follow them.
pub(crate) fn execute_tests(command: &mut Command) -> Result<(), String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let failed = |error: io::Error| format!("{program}: {error}");
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(failed)?;
    let output = child.stdout.take().expect("a pipe");
    let failures = repeat(output, &mut io::stdout()).map_err(failed);
    let status = child.wait().map_err(failed)?;
    if status.success() { Ok(()) } else { Err(format!("{program} failed ({status})\n{}", failures?)) }
}

/// Copies the output of test programs. Returns the parts in which they describe their failures.
fn repeat(from: impl Read, to: &mut impl Write) -> io::Result<String> {
    let mut failures = String::new();
    let mut is_failure = false;
    for line in BufReader::new(from).split(b'\n') {
        let line = line?;
        to.write_all(&line)?;
        to.write_all(b"\n")?;
        let text = String::from_utf8_lossy(&line);
        is_failure = match text.trim_end() {
            "failures:" => true,
            text if text.starts_with("test result: ") => false,
            _ => is_failure,
        };
        if is_failure {
            failures.push_str(&text);
            failures.push('\n');
        }
    }
    Ok(failures)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{execute_tests, repeat};

    #[test]
    fn failures_are_repeated() {
        let output = "test one ... ok\ntest two ... FAILED\n\nfailures:\n\n---- two stdout ----\nleft: 1\n\nfailures:\n    \
                      two\n\ntest result: FAILED. 1 passed; 1 failed\ntest three ... ok\ntest result: ok. 1 passed\n";
        let mut copy = Vec::new();
        let failures = repeat(output.as_bytes(), &mut copy).unwrap();
        assert_eq!(String::from_utf8(copy).unwrap(), output);
        assert_eq!(failures, "failures:\n\n---- two stdout ----\nleft: 1\n\nfailures:\n    two\n\n");
    }

    #[test]
    fn a_program_that_does_not_start_is_named() {
        let error = execute_tests(&mut Command::new("no-such-program")).unwrap_err();
        assert!(error.starts_with("no-such-program: "), "{error}");
    }
}
