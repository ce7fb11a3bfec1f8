/// What an event of the log is called in the standards: `Docs/Audit.md` has the same table for people.
struct EventMapping {
    enum Action: String {
        case create = "C"
        case read = "R"
        case update = "U"
        case delete = "D"
        case execute = "E"
    }

    let id: AuditCode
    let type: AuditCode?
    let action: Action

    private init(_ id: AuditCode, _ type: AuditCode? = nil, _ action: Action = .execute) {
        self.id = id
        self.type = type
        self.action = action
    }

    static let overrideStarted = EventMapping(.securityAlert, .overrideStarted)
    static let overrideStopped = EventMapping(.securityAlert, .overrideStopped)

    /// By the name of the event, else by its family, else an activity of the application.
    static func of(_ event: String) -> EventMapping {
        events[event] ?? families[String(event.prefix { $0 != "." })] ?? EventMapping(.applicationActivity)
    }

    static func isKnown(family: String) -> Bool { families[family] != nil }

    private static let families: [String: EventMapping] = [
        "agent": EventMapping(.applicationActivity),
        "config": EventMapping(.securityAlert, .softwareConfiguration),
        "trust": EventMapping(.securityAlert, .securityConfiguration),
        "habilitation": EventMapping(.securityAlert, .rolesChanged),
        "clock": EventMapping(.securityAlert, .softwareConfiguration),
        "monitoring": EventMapping(.securityAlert, .hardwareConfiguration),
        "card": EventMapping(.userAuthentication),
        "pin": EventMapping(.userAuthentication),
        "login": EventMapping(.userAuthentication),
        "session": EventMapping(.userAuthentication),
        "token": EventMapping(.userAuthentication),
        "mobile": EventMapping(.userAuthentication),
        "degraded": EventMapping(.userAuthentication),
        "breakglass": EventMapping(.securityAlert),
        "account": EventMapping(.securityAlert, .attributesChanged, .update),
        "directory": EventMapping(.imported),
        "signature": EventMapping(.attest),
        "audit": EventMapping(.securityAlert, .securityConfiguration),
    ]

    private static let events: [String: EventMapping] = [
        "agent.started": EventMapping(.applicationActivity, .started),
        "agent.stopped": EventMapping(.applicationActivity, .stopped),
        "agent.refused": EventMapping(.securityAlert, .restrictedFunction),
        "trust.loaded": EventMapping(.securityAlert, .securityConfiguration, .update),
        "trust.list_loaded": EventMapping(.securityAlert, .securityConfiguration, .update),
        "habilitation.loaded": EventMapping(.securityAlert, .rolesChanged, .update),
        "pin.blocked": EventMapping(.securityAlert, .attributesChanged, .update),
        "pin.changed": EventMapping(.securityAlert, .attributesChanged, .update),
        "pin.unblocked": EventMapping(.securityAlert, .attributesChanged, .update),
        // A login that was given up or ran out is none: it must not read as one that succeeded.
        "login.refused": EventMapping(.userAuthentication, .login),
        "login.failed": EventMapping(.userAuthentication, .login),
        "session.opened": EventMapping(.userAuthentication, .login),
        "session.ended": EventMapping(.userAuthentication, .logout),
        "session.profile_chosen": EventMapping(.securityAlert, .attributesChanged, .update),
        "session.reassessed": EventMapping(.securityAlert, .attributesChanged, .update),
        "token.issued": EventMapping(.userAuthentication, .getAccessToken),
        "token.refused": EventMapping(.userAuthentication, .getAccessToken),
        "degraded.refused": EventMapping(.userAuthentication, .login),
        "directory.imported": EventMapping(.imported, nil, .create),
        "audit.read": EventMapping(.logUsed, nil, .read),
        "audit.refused": EventMapping(.logUsed, nil, .read),
        "audit.verified": EventMapping(.logUsed, nil, .read),
        "audit.exported": EventMapping(.logUsed, nil, .read),
        "audit.retained": EventMapping(.logUsed, nil, .delete),
        "breakglass.declared": overrideStarted,
        "breakglass.closed": overrideStopped,
        "breakglass.expired": overrideStopped,
        "breakglass.ended": overrideStopped,
    ]
}
