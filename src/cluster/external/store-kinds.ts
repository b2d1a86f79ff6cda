/** What is known of software that keeps data: by image, by port, and by the custom resources of its operators. */

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/** Words in the last part of an image's name. Not memcached: what it loses nobody misses. */
export const STORE_IMAGES = words(`
  postgres postgresql timescaledb postgis pgvector mysql mariadb percona mongo mongodb redis valkey keydb dragonfly cassandra scylla scylladb elasticsearch
  opensearch kafka redpanda rabbitmq nats pulsar activemq artemis emqx mosquitto zookeeper etcd consul vault openbao minio rustfs garage seaweedfs clickhouse cockroach
  cockroachdb yugabyte tidb tikv influxdb victoriametrics prometheus loki questdb couchdb couchbase neo4j memgraph arangodb dgraph janusgraph solr meilisearch typesense
  manticore weaviate qdrant milvus chroma chromadb mssql sqlserver oracle db2 firebird rethinkdb ravendb surrealdb foundationdb hazelcast ignite mongod edgedb
  nexus nexus3 gitea forgejo gitlab`)

/** Names beside those that say: this talks to one, or watches it, and keeps nothing. */
export const HELPER_IMAGES = words(`
  exporter operator client proxy ui commander admin adminer express router gateway dashboard backup restore cli agent injector controller manager sidecar bouncer pgbouncer
  pgpool pool box tools connector connect mirror bridge test setup init reloader adapter pushgateway node state config webhook csi driver provisioner plugin watcher reader runner
  haproxy envoy nginx traefik socat twemproxy sd app hello sample demo web api service frontend backend worker wildfly tomcat jetty
  workbench viewer browser insight metrics probe promtail canary querier fronted cruise entity bootstrap migrate migration migrations shell toolbox registrar`)

/** Whole names of images that inject clients. */
export const HELPERS = words('vault-k8s consul-k8s consul-k8s-control-plane consul-dataplane')

/** Commands that make a server image a client. */
export const CLIENT_COMMANDS =
  /(^|\/)(sleep|tail|psql|pg_dump|pg_isready|mysqldump|mysqladmin|mongosh|mongodump|redis-cli|valkey-cli|cqlsh|etcdctl|kcat|kafkacat|curl|wget|mc)$/

/** Ports that name a store by themselves. Not 9000, 8080, 8200 and other ports that much else uses. */
export const STORE_PORTS: ReadonlyMap<number, string> = new Map([
  [5432, 'PostgreSQL'],
  [3306, 'MySQL'],
  [1433, 'SQL Server'],
  [1521, 'Oracle'],
  [27017, 'MongoDB'],
  [6379, 'Redis'],
  [9042, 'Cassandra'],
  [9200, 'Elasticsearch'],
  [9300, 'Elasticsearch'],
  [9092, 'Kafka'],
  [5672, 'AMQP'],
  [2379, 'etcd'],
  [26257, 'CockroachDB'],
  [7687, 'Neo4j'],
  [5984, 'CouchDB'],
  [28015, 'RethinkDB'],
])

/** Custom resources that an operator turns into a store. */
export const STORE_RESOURCES: ReadonlySet<string> = words(`
  Cluster.postgresql.cnpg.io postgresql.acid.zalan.do PostgresCluster.postgres-operator.crunchydata.com PerconaPGCluster.pgv2.percona.com PerconaPGCluster.pg.percona.com
  Postgres.kubedb.com MySQL.kubedb.com MongoDB.kubedb.com Redis.kubedb.com MariaDB.kubedb.com Elasticsearch.kubedb.com Kafka.kubedb.com SGCluster.stackgres.io
  InnoDBCluster.mysql.oracle.com PerconaXtraDBCluster.pxc.percona.com PerconaServerMySQL.ps.percona.com MariaDB.k8s.mariadb.com MariaDB.mariadb.mmontes.io Vitess.planetscale.com
  VitessCluster.planetscale.com PerconaServerMongoDB.psmdb.percona.com MongoDBCommunity.mongodbcommunity.mongodb.com MongoDB.mongodb.com
  Redis.redis.redis.opstreelabs.in RedisCluster.redis.redis.opstreelabs.in RedisReplication.redis.redis.opstreelabs.in RedisFailover.databases.spotahome.com
  RedisEnterpriseCluster.app.redislabs.com RedisEnterpriseDatabase.app.redislabs.com Dragonfly.dragonflydb.io
  CassandraDatacenter.cassandra.datastax.com K8ssandraCluster.k8ssandra.io ScyllaCluster.scylla.scylladb.com
  Elasticsearch.elasticsearch.k8s.elastic.co OpenSearchCluster.opensearch.opster.io SolrCloud.solr.apache.org
  Kafka.kafka.strimzi.io KafkaNodePool.kafka.strimzi.io Kafka.platform.confluent.io Zookeeper.platform.confluent.io Redpanda.cluster.redpanda.com ZookeeperCluster.zookeeper.pravega.io
  RabbitmqCluster.rabbitmq.com NatsCluster.nats.io PulsarCluster.pulsar.apache.org EtcdCluster.etcd.database.coreos.com EtcdCluster.operator.etcd.io
  Tenant.minio.min.io CephCluster.ceph.rook.io CephObjectStore.ceph.rook.io CephFilesystem.ceph.rook.io
  ClickHouseInstallation.clickhouse.altinity.com CrdbCluster.crdb.cockroachlabs.com TidbCluster.pingcap.com YBCluster.yugabyte.com InfluxDB.influxdata.com
  CouchbaseCluster.couchbase.com ArangoDeployment.database.arangodb.com Neo4jCluster.neo4j.com QdrantCluster.qdrant.io Milvus.milvus.io FoundationDBCluster.apps.foundationdb.org
  Prometheus.monitoring.coreos.com VMCluster.operator.victoriametrics.com VMSingle.operator.victoriametrics.com LokiStack.loki.grafana.com`)
