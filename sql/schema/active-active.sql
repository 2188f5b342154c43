-- The tables of the active-active tour as they are before they are
-- distributed: a chat. The room is the tenant, so every key begins with it.
-- There are no foreign keys: Citus refuses them on tables whose shards have
-- several copies. The first lesson runs the same statements.

CREATE TABLE room_types (
  id int PRIMARY KEY,
  name text NOT NULL
);

CREATE TABLE rooms (
  id bigint PRIMARY KEY,
  room_type int NOT NULL
);

CREATE TABLE room_members (
  room_id bigint,
  member text,
  PRIMARY KEY (room_id, member)
);

CREATE TABLE messages (
  room_id bigint,
  id bigint,
  body text NOT NULL,
  PRIMARY KEY (room_id, id)
);
