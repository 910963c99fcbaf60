use std::{env, path::PathBuf, process::Command};

/// Returns the program of an example, built with the features and the profile of this test.
///
/// Cargo builds examples before it runs all tests of a package, but not before it runs a single one.
pub(crate) fn example(name: &str) -> PathBuf {
    let test = env::current_exe().unwrap();
    let profile_folder = test.ancestors().nth(2).unwrap();
    let profile = profile_folder.file_name().unwrap().to_str().unwrap();
    let features = [
        ("connect-info", cfg!(feature = "connect-info")),
        ("idna", cfg!(feature = "idna")),
        ("password", cfg!(feature = "password")),
        ("public-suffix", cfg!(feature = "public-suffix")),
        ("zxcvbn", cfg!(feature = "zxcvbn")),
    ];
    let features: Vec<_> = features.iter().filter(|(_, is_on)| *is_on).map(|(name, _)| *name).collect();
    let built = Command::new(env!("CARGO"))
        .args(["build", "--frozen", "--package", env!("CARGO_PKG_NAME"), "--example", name])
        .args(["--no-default-features", "--features", &features.join(",")])
        .args(["--profile", if profile == "debug" { "dev" } else { profile }])
        .arg("--target-dir")
        .arg(profile_folder.parent().unwrap())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .unwrap();
    assert!(built.success(), "the example was not built: {built}");
    profile_folder.join("examples").join(format!("{name}{}", env::consts::EXE_SUFFIX))
}
