-- The tables of the first release, as SQLite keeps them.
CREATE TABLE stores (
	name VARCHAR NOT NULL,
	title TEXT NOT NULL,
	currency VARCHAR(3) NOT NULL,
	clock DATETIME NOT NULL,
	timezone VARCHAR NOT NULL,
	provenance TEXT NOT NULL,
	invented BOOLEAN NOT NULL,
	policy VARCHAR NOT NULL,
	contact TEXT NOT NULL,
	digest VARCHAR NOT NULL,
	PRIMARY KEY (name)
)
 WITHOUT ROWID;

CREATE TABLE families (
	store VARCHAR NOT NULL,
	id VARCHAR NOT NULL,
	name TEXT NOT NULL,
	size TEXT NOT NULL,
	own_label BOOLEAN NOT NULL,
	aisle VARCHAR NOT NULL,
	department VARCHAR NOT NULL,
	category VARCHAR NOT NULL,
	keywords JSON NOT NULL,
	restriction VARCHAR,
	best_seller VARCHAR NOT NULL,
	lines_sold INTEGER NOT NULL,
	PRIMARY KEY (store, id)
)
 WITHOUT ROWID;

CREATE TABLE products (
	store VARCHAR NOT NULL,
	id VARCHAR NOT NULL,
	family_id VARCHAR NOT NULL,
	price INTEGER NOT NULL,
	regular_price INTEGER NOT NULL,
	promoted BOOLEAN NOT NULL,
	units_sold INTEGER NOT NULL,
	PRIMARY KEY (store, id)
)
 WITHOUT ROWID;

CREATE INDEX products_by_family ON products (store, family_id);

CREATE TABLE shoppers (
	store VARCHAR NOT NULL,
	id VARCHAR NOT NULL,
	location VARCHAR NOT NULL,
	PRIMARY KEY (store, id)
)
 WITHOUT ROWID;

CREATE TABLE orders (
	store VARCHAR NOT NULL,
	id VARCHAR NOT NULL,
	shopper_id VARCHAR NOT NULL,
	placed_at DATETIME NOT NULL,
	status VARCHAR NOT NULL,
	total INTEGER NOT NULL,
	PRIMARY KEY (store, id)
)
 WITHOUT ROWID;

CREATE INDEX orders_by_shopper ON orders (store, shopper_id, placed_at);

CREATE TABLE order_lines (
	store VARCHAR NOT NULL,
	order_id VARCHAR NOT NULL,
	line INTEGER NOT NULL,
	product_id VARCHAR NOT NULL,
	quantity INTEGER NOT NULL,
	total INTEGER NOT NULL,
	PRIMARY KEY (store, order_id, line)
)
 WITHOUT ROWID;

CREATE TABLE promotions (
	store VARCHAR NOT NULL,
	location VARCHAR NOT NULL,
	product_id VARCHAR NOT NULL,
	placement VARCHAR NOT NULL,
	PRIMARY KEY (store, location, product_id, placement)
)
 WITHOUT ROWID;

CREATE TABLE cart_lines (
	store VARCHAR NOT NULL,
	owner VARCHAR NOT NULL,
	product_id VARCHAR NOT NULL,
	quantity INTEGER NOT NULL,
	position INTEGER NOT NULL,
	PRIMARY KEY (store, owner, product_id)
)
 WITHOUT ROWID;

CREATE TABLE conversations (
	id VARCHAR(64) NOT NULL,
	store VARCHAR(64) NOT NULL,
	shopper_id VARCHAR(64),
	created_at DATETIME NOT NULL,
	PRIMARY KEY (id)
);

CREATE TABLE turns (
	conversation_id VARCHAR(64) NOT NULL,
	turn INTEGER NOT NULL,
	text TEXT NOT NULL,
	state VARCHAR(16) NOT NULL,
	started_at DATETIME NOT NULL,
	context JSON,
	trace JSON,
	PRIMARY KEY (conversation_id, turn)
);

CREATE TABLE turn_events (
	conversation_id VARCHAR(64) NOT NULL,
	seq INTEGER NOT NULL,
	turn INTEGER NOT NULL,
	payload TEXT NOT NULL,
	PRIMARY KEY (conversation_id, seq)
);

CREATE TABLE staff_messages (
	id INTEGER NOT NULL,
	store VARCHAR(64) NOT NULL,
	conversation_id VARCHAR(64) NOT NULL,
	shopper_id VARCHAR(64),
	text TEXT NOT NULL,
	left_at DATETIME NOT NULL,
	PRIMARY KEY (id)
);

CREATE TABLE page_sessions (
	store VARCHAR NOT NULL,
	token_digest VARCHAR(64) NOT NULL,
	shopper_id VARCHAR,
	conversation_id VARCHAR(64) NOT NULL,
	PRIMARY KEY (store, token_digest)
);

