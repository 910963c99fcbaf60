use crate::{
    dialects::Returning,
    driver::{Driver, DriverError, Query, SqlValue},
};

/// Asks the server for its version, and returns the writes that can return rows.
pub(super) async fn returning(driver: &dyn Driver) -> Result<Returning, DriverError> {
    let row = driver.fetch_optional(&Query::new("SELECT CAST(VERSION() AS CHAR)", [])).await?;
    Ok(match row.as_deref() {
        Some([SqlValue::Text(version)]) => of_version(version),
        _ => Returning::Nothing,
    })
}

/// MariaDB returns rows of inserts since 10.5, and of deletes before. MySQL returns none.
fn of_version(version: &str) -> Returning {
    let mut numbers = version.split('.').map_while(|number| number.parse::<u32>().ok());
    let number = (numbers.next(), numbers.next());
    if version.contains("MariaDB") && number >= (Some(10), Some(5)) {
        Returning::InsertsAndDeletes
    } else {
        Returning::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_mariadb_since_10_5_returns_rows() {
        for (version, returning) in [
            ("10.11.19-MariaDB-0+deb12u1", Returning::InsertsAndDeletes),
            ("10.5.0-MariaDB", Returning::InsertsAndDeletes),
            ("11.0.2-MariaDB-log", Returning::InsertsAndDeletes),
            ("10.4.34-MariaDB", Returning::Nothing),
            ("8.4.0", Returning::Nothing),
            ("9.7.0-commercial", Returning::Nothing),
            ("8.0.11-TiDB-v8.5.0", Returning::Nothing),
            ("MariaDB", Returning::Nothing),
            ("", Returning::Nothing),
        ] {
            assert_eq!(of_version(version), returning, "{version}");
        }
    }
}
