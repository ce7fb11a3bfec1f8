import GRDB

/// One step of the database's schema. Steps are only ever appended: the number of steps done is the schema version.
package struct Migration: Sendable {
    /// Says what the step is for; told when it fails.
    package let name: String
    /// Any number of statements, run in one transaction with the change of version.
    package let sql: String
    /// What has to be computed, after the statements and in the same transaction.
    let computing: (@Sendable (Database) throws -> Void)?

    package init(_ name: String, _ sql: String) { self.init(name, sql, computing: nil) }

    init(_ name: String, _ sql: String, computing: (@Sendable (Database) throws -> Void)?) {
        self.name = name
        self.sql = sql
        self.computing = computing
    }
}

extension Migration {
    /// Every step that this version knows, in order.
    package static let all: [Migration] = [traces, sessions, directory, logKeys, witnesses, forwards, records, tiles]

    private static let traces = Migration(
        "traces",
        """
        -- The columns beside the leaf only serve to find it; what counts is the leaf.
        CREATE TABLE traces (
            seq INTEGER PRIMARY KEY,
            leaf BLOB NOT NULL,
            event TEXT NOT NULL,
            session TEXT,
            actor TEXT
        ) STRICT;
        CREATE INDEX traces_by_event ON traces (event);
        CREATE INDEX traces_by_session ON traces (session) WHERE session IS NOT NULL;
        CREATE INDEX traces_by_actor ON traces (actor) WHERE actor IS NOT NULL;
        -- Complete nodes of the tree; level 0 holds the leaf hashes.
        CREATE TABLE nodes (
            level INTEGER NOT NULL,
            idx INTEGER NOT NULL,
            hash BLOB NOT NULL,
            PRIMARY KEY (level, idx)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE checkpoints (
            size INTEGER PRIMARY KEY,
            note TEXT NOT NULL,
            created_at TEXT NOT NULL
        ) STRICT;
        """)
}
