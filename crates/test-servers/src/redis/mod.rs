mod client;
mod standalone;
mod topology;
mod sentinel;
mod cluster;

pub use self::{
    cluster::{RedisCluster, redis_cluster},
    sentinel::{RedisSentinel, redis_sentinel},
    standalone::{redis, redis_server},
};
