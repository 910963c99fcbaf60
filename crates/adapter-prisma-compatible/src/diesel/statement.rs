use diesel::{
    QueryResult,
    backend::Backend,
    query_builder::{AstPass, Query as DieselQuery, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{BigInt, Binary, Bool, Double, HasSqlType, Nullable, Text, Untyped},
};
use lucia_sql::driver::{Query, SqlValue};

/// A query for Diesel. Unlike `diesel::sql_query`, it lets the connection cache the prepared statement by its text and
/// the types of its parameters, which saves a second round trip.
#[derive(Clone, Copy, Debug)]
pub(super) struct Statement<'a>(pub(super) &'a Query);

impl DieselQuery for Statement<'_> {
    type SqlType = Untyped;
}

/// For a connection without a runtime.
impl<C> diesel::RunQueryDsl<C> for Statement<'_> {}

impl QueryId for Statement<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB> QueryFragment<DB> for Statement<'_>
where
    DB: Backend + HasSqlType<Bool> + HasSqlType<BigInt> + HasSqlType<Double> + HasSqlType<Text> + HasSqlType<Binary>,
    bool: ToSql<Bool, DB>,
    i64: ToSql<BigInt, DB>,
    f64: ToSql<Double, DB>,
    str: ToSql<Text, DB>,
    [u8]: ToSql<Binary, DB>,
    Option<String>: ToSql<Nullable<Text>, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        // The text was rendered from quoted names, and contains no value.
        out.push_sql(self.0.sql());
        for parameter in self.0.bound() {
            match parameter {
                SqlValue::Null => out.push_bind_param_value_only::<Nullable<Text>, _>(&NULL)?,
                SqlValue::Boolean(value) => out.push_bind_param_value_only::<Bool, _>(value)?,
                SqlValue::Integer(value) => out.push_bind_param_value_only::<BigInt, _>(value)?,
                SqlValue::Real(value) => out.push_bind_param_value_only::<Double, _>(value)?,
                SqlValue::Text(value) => out.push_bind_param_value_only::<Text, _>(value.as_str())?,
                SqlValue::Blob(value) => out.push_bind_param_value_only::<Binary, _>(value.as_slice())?,
            }
        }
        Ok(())
    }
}

const NULL: Option<String> = None;
