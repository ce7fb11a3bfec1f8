extension Migration {
    /// Sessions and issued tokens as the decisions left them.
    static let sessions = Migration(
        "sessions",
        """
        CREATE TABLE sessions (
            id TEXT PRIMARY KEY,
            mode TEXT NOT NULL,
            uid INTEGER NOT NULL,
            state TEXT NOT NULL,
            json TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX sessions_not_ended ON sessions (state) WHERE state <> 'ended';
        -- Tokens by their id; the token itself is never kept.
        CREATE TABLE tokens (
            jti TEXT PRIMARY KEY,
            session TEXT NOT NULL,
            audience TEXT NOT NULL,
            expires_at INTEGER NOT NULL,
            revoked INTEGER NOT NULL DEFAULT 0
        ) STRICT, WITHOUT ROWID;
        """)
}

extension Migration {
    /// Which file holds the imported directory, and what its import told.
    static let directory = Migration(
        "directory",
        """
        CREATE TABLE directory (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            file TEXT NOT NULL,
            summary TEXT NOT NULL
        ) STRICT;
        """)
}

extension Migration {
    /// What is kept beside the log in its newest state: accounts, tries, emergencies, lost cards.
    static let records = Migration(
        "records",
        """
        CREATE TABLE records (
            kind TEXT NOT NULL,
            id TEXT NOT NULL,
            key TEXT NOT NULL,
            open INTEGER NOT NULL,
            json TEXT NOT NULL,
            PRIMARY KEY (kind, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX records_by_key ON records (kind, key);
        CREATE INDEX records_open ON records (kind) WHERE open = 1;
        """)
}
