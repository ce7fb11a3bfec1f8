import AgentClient
import Primitives

/// What people read about events; names that a later agent may use stay as they are.
enum WatchSentence {
    /// The members that say most, in this order.
    private static let telling: [(member: String, label: Text)] = [
        ("name", Text("nom", "name")), ("reader", Text("lecteur", "reader")), ("state", Text("état", "state")),
        ("card", Text("carte", "card")), ("id", Text("id")), ("session", Text("session", "session")), ("jti", Text("jti")),
        ("reason", Text("motif", "reason")), ("end_reason", Text("fin", "end")), ("code", Text("code", "code")),
        ("monitoring", Text("surveillance", "monitoring")),
    ]

    static func facts(_ event: AgentEvent) -> [Text] {
        telling.compactMap { member, label in
            guard let name = event.data[member]?.string else { return nil }
            return value(name, of: member, in: event.kind).of(label)
        }
    }

    private static func value(_ name: String, of member: String, in kind: String) -> Text {
        switch (member, kind) {
        case ("state", "session"): SessionSentence.state(name)
        case ("state", "card"), ("card", "reader"): CardSentence.state(name)
        case ("state", "reader"): name == "gone" ? Text("débranché", "gone") : Text(name)
        case ("state", "login"), ("state", "mobile"): attempt(name)
        case ("state", "monitoring"), ("monitoring", _): StateSentence.monitoring(name)
        case ("reason", _), ("end_reason", _): ReasonSentence.any(name)
        default: Text(name)
        }
    }

    static func kind(_ name: String) -> Text {
        switch name {
        case "state": Text("état des lieux", "what there is")
        case "reader": Text("lecteur", "reader")
        case "card": Text("carte", "card")
        case "login": Text("connexion", "login")
        case "session": Text("session", "session")
        case "token_revoked": Text("jeton révoqué", "token revoked")
        case "break_glass": Text("accès en urgence", "emergency")
        case "mobile": Text("appareil mobile", "mobile device")
        case "monitoring": Text("surveillance des lecteurs", "reader monitoring")
        case "gap": Text("événements perdus", "events lost")
        default: Text(name)
        }
    }

    /// How far something is that takes several steps: a login, a pairing.
    static func attempt(_ name: String) -> Text {
        switch name {
        case "awaiting_card": Text("attend la carte", "waits for the card")
        case "awaiting_pin": Text("attend le code", "waits for the PIN")
        case "awaiting_password": Text("attend le mot de passe", "waits for the password")
        case "awaiting_profile": Text("attend la situation", "waits for the situation")
        case "shown": Text("code montré", "code shown")
        case "redeemed": Text("code lu", "code read")
        case "confirmed", "approved": Text("accepté", "approved")
        case "denied": Text("refusé", "denied")
        case "done": Text("fait", "done")
        case "failed": Text("échec", "failed")
        case "cancelled": Text("abandonné", "given up")
        case "expired": Text("durée écoulée", "time is over")
        default: Text(name)
        }
    }
}
