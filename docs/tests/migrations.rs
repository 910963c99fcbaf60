//! The statements of the guide about own migrations are those that the library returns.

use adapter_prisma_compatible::{Attribute, Database, PrismaConfig, Table};

const GUIDE: &str = include_str!("../own-migrations.md");

#[test]
fn the_guide_has_the_statements_of_each_database() {
    let users = Table::named("User").attribute("username", Attribute::string().unique());
    let config = PrismaConfig::default().user(users).token(Table::named("Token"));
    for (database, others) in
        [(Database::Postgres, None), (Database::MySql, None), (Database::Sqlite, Some(Database::D1))]
    {
        let sql = config.create_tables_sql(database).unwrap();
        assert!(GUIDE.contains(&format!("```sql\n{sql}```\n")), "{database:?}: the guide must have\n{sql}");
        if let Some(other) = others {
            assert_eq!(config.create_tables_sql(other).unwrap(), sql, "{other:?}");
        }
    }
}
