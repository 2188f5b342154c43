-- The tables of the journey as a learner meets them first: plain PostgreSQL,
-- no extension. Every key already begins with user_id, because a unique key
-- can be kept on a distributed table only when it holds the distribution
-- column. The first lesson runs the same statements.

CREATE TABLE regions (
  region_id int PRIMARY KEY,
  name text NOT NULL
);

CREATE TABLE users (
  user_id bigint PRIMARY KEY,
  name text NOT NULL,
  region_id int NOT NULL REFERENCES regions
);

CREATE TABLE orders (
  order_id bigint,
  user_id bigint NOT NULL,
  status text NOT NULL,
  total numeric(10,2) NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, order_id)
);

CREATE TABLE order_items (
  item_id bigint,
  order_id bigint NOT NULL,
  user_id bigint NOT NULL,
  sku text NOT NULL,
  quantity int NOT NULL,
  PRIMARY KEY (user_id, order_id, item_id)
);
