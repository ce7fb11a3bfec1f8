package import Primitives

/// The whole of `agent.yaml`, checked, with every default filled in. Paths are absolute, durations are seconds.
package struct AgentConfiguration: Hashable, Sendable {
    package internal(set) var agent: AgentSection
    package let readers: ReadersSection
    package let cards: CardsSection
    package let trust: TrustSection
    package let sessions: SessionsSection
    package let tokens: TokensSection
    package let audit: AuditSection
    package let signatures: SignaturesSection
    package let habilitations: HabilitationsSection
    package let degraded: DegradedSection
    package let breakGlass: BreakGlassSection
    package let mobile: MobileSection
    package let pam: PAMSection
    /// In the order of the file. `nil` without the section: every local program may use every operation for its own uid.
    package let clients: [ClientEntry]?
    package let metrics: MetricsSection
    package let log: LogSection
    /// SHA-256 of the file's bytes, lower-case hexadecimal: what the trace of this configuration names.
    package let sha256: String
    /// Names of the environment variables that replaced a value, sorted.
    package let overrides: [String]
    /// What the file itself says, by dotted key; for comparing two of them.
    let written: [String: String]
}

package struct AgentSection: Hashable, Sendable {
    package let stateDirectory: String
    package let socket: String
    /// Permission bits of the socket file. By default everyone may connect: the kernel's word on the caller decides what they may do.
    package let socketMode: UInt32
    /// Group of the socket file, a name or a number; that of the agent when `nil`.
    package let socketGroup: String?
    /// Name of this machine in tokens and traces.
    package let workstation: String
    package internal(set) var budgets: Budgets

    /// What one user of the machine may ask for, root excepted.
    package struct Budgets: Hashable, Sendable {
        /// Requests a second.
        package let requests: Int
        /// Logins begun a minute.
        package let logins: Int
        /// PINs sent a minute.
        package let pins: Int
        /// Emergencies declared or extended, notes and reviews a minute.
        package let emergencies: Int
    }
}

package struct ReadersSection: Hashable, Sendable {
    /// PC/SC names of virtual or network readers that are allowed with production anchors.
    package let allow: [String]
    package let seat: Seat
    /// The seat these readers stand at, as systemd-logind names it.
    package let seatName: String
    /// System units whose programs need no session there, such as the one that asks for the login; `*` stands for every instance.
    package let units: [String]

    /// Who may use cards and give PINs and passwords.
    package enum Seat: String, Hashable, Sendable, CaseIterable {
        /// Programs of the session that is active at the seat.
        case active
        case any
    }
}

package struct CardsSection: Hashable, Sendable {
    package let afterUse: AfterUse
    /// Longest time that a card may take for one command, in seconds; `nil` for the usual 1.5 s.
    package let commandTimeout: Int64?
    package let protectedObjects: ProtectedObjects

    /// What becomes of the card after we verified a PIN on it.
    package enum AfterUse: String, Hashable, Sendable, CaseIterable {
        /// Reset, so that no other program rides on the verified state.
        case reset
        case leave
    }

    /// What becomes of the data objects behind the PIN at a login.
    package enum ProtectedObjects: String, Hashable, Sendable, CaseIterable {
        /// They are left alone: nothing in them can be used yet, and each costs two or three commands.
        case skip
        /// They are read and kept as bytes while the session lives.
        case read
    }
}

package struct TrustSection: Hashable, Sendable {
    /// Folder of the authorities' certificates.
    package let anchors: String
    /// Folder of revocation lists put there by the administrator.
    package let crls: String?
    /// Whether a login certificate must name client authentication as its extended usage.
    package let requireEKU: Bool
    package let revocation: Revocation
    /// `nil` when no responder is asked.
    package let ocsp: OCSP?

    package struct OCSP: Hashable, Sendable {
        /// Asked for every card; `nil` for the responder that the card's certificate names.
        package let responder: WebAddress?
        /// Whether questions carry a nonce (RFC 9654). An answer without one is taken all the same, by its dates.
        package let nonce: Bool
    }

    package struct Revocation: Hashable, Sendable {
        /// Older revocation data is stale.
        package let maxAge: Int64
        package let whenStale: WhenStale
        package let fetch: Fetch
        /// Usual time between two looks at an address, in seconds.
        package let fetchEvery: Int64
    }

    /// Which lists are fetched over the network.
    package enum Fetch: Hashable, Sendable {
        case off
        /// Those that trusted authorities and verified cards name.
        case named
        case addresses([WebAddress])
    }

    /// What a login meets when revocation data is stale or missing.
    package enum WhenStale: String, Hashable, Sendable, CaseIterable {
        /// It goes on, marked as unchecked.
        case flag
        case refuse
    }
}

package struct SessionsSection: Hashable, Sendable {
    package let inactivity: Int64
    package let max: Int64
}

package struct TokensSection: Hashable, Sendable {
    /// An https origin, without a final slash.
    package let issuer: String
    /// Usual life of a token that is bound to no key, and of one that is.
    package let ttl: Int64
    package let ttlBound: Int64
    package let algorithm: Algorithm

    package enum Algorithm: String, Hashable, Sendable, CaseIterable {
        case es256 = "ES256"
        case ed25519 = "Ed25519"
    }
}

package struct SignaturesSection: Hashable, Sendable {
    /// `nil` when signatures cannot be stamped.
    package let timestamp: TimestampSection?
}

/// Who stamps with a time.
package struct TimestampSection: Hashable, Sendable {
    /// Of the time-stamping authority (RFC 3161 over HTTP).
    package let url: WebAddress
    /// File of the certificates above it, in PEM; `nil` leaves its signature unchecked.
    package let anchors: String?
    /// Time for one stamp, or for all those of a batch of signatures, in seconds.
    package let timeout: Int64
}

/// A syslog server that is spoken to over TLS.
package struct SyslogServer: Hashable, Sendable {
    /// `host:port`.
    package let address: String
    /// File of the certificates above the server.
    package let authorities: String
    /// Files of the agent's own certificate and key, where the server asks for one.
    package let certificate: String?
    package let key: String?

    package init(_ address: String, authorities: String, certificate: String?, key: String?) {
        self.address = address
        self.authorities = authorities
        self.certificate = certificate
        self.key = key
    }
}

package struct AuditSection: Hashable, Sendable {
    /// Origin line of the checkpoints; by default the issuer without its scheme.
    package let origin: String
    /// File whose space is kept for emergencies and endings.
    package let reserve: String
    /// Bytes of that file.
    package let reserveSize: Int
    /// Longest time between two checkpoints while there are new traces.
    package let checkpoint: Int64
    /// New traces after which one is signed at once.
    package let checkpointTraces: Int
    /// `nil` when checkpoints are not stamped.
    package let timestamp: TimestampSection?
    /// Least time between two stamps, in seconds.
    package let timestampEvery: Int64
    /// In the order of the file.
    package let anchors: [Anchor]

    /// Somewhere outside this machine that keeps checkpoints.
    package struct Anchor: Hashable, Sendable {
        package let name: String
        package let target: Target
        /// Time for one exchange, in seconds.
        package let timeout: Int64

        package enum Target: Hashable, Sendable {
            case file(String)
            case http(WebAddress)
            case syslog(SyslogServer)
        }
    }

    /// Where the log is handed on to, in the order of the file.
    package let forward: [Forward]
    /// Seconds that every trace is kept at least; `nil` for ever.
    package let retention: Int64?

    /// Somewhere that traces are sent as they are written.
    package struct Forward: Hashable, Sendable {
        package let name: String
        package let target: Target
        /// Time for one exchange, in seconds.
        package let timeout: Int64

        package enum Target: Hashable, Sendable {
            case syslog(SyslogServer)
            /// The journal's socket; `nil` for the usual one.
            case journal(String?)
            case fhir(WebAddress, authorities: String?)
        }
    }
}

package struct HabilitationsSection: Hashable, Sendable {
    /// The matrix of rights; the built-in one when `nil`.
    package let file: String?
}

package struct LogSection: Hashable, Sendable {
    package let level: Level

    package enum Level: String, Hashable, Sendable, CaseIterable {
        case trace, debug, info, notice, warning, error, critical
    }
}
