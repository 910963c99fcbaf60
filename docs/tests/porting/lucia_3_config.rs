use adapter_prisma_compatible::{Attribute, PrismaConfig, Table};

fn lucia_3() -> PrismaConfig {
    PrismaConfig::default()
        .user(Table::named("auth_user").attribute("username", Attribute::string().unique()).only_declared_attributes())
        .session(Table::named("user_session"))
        .key(Table::named("user_key"))
}
