import APIContract

/// What a person reads about the files of the authorities.
enum TrustSentence {
    static func installed(_ name: String, _ file: String, isKnown: Bool) -> Text {
        isKnown
            ? Text("\(name) : déjà dans \(file)", "\(name): already in \(file)")
            : Text("\(name) : installé dans \(file)", "\(name): installed in \(file)")
    }

    static let restart = Text(
        "Redémarrer l'agent pour les prendre en compte : systemctl restart cps-agentd",
        "Restart the agent to take them in: systemctl restart cps-agentd")

    static let sound = Text("Tout est en ordre", "All is in order")
    static let refused = Text("Refusé  ", "Refused ")
    static func expired(_ end: String) -> Text {
        Text("certificat expiré le \(end)", "the certificate expired on \(end)")
    }
    static func notYetValid(_ start: String) -> Text {
        Text(
            "certificat valide seulement à partir du \(start)",
            "the certificate is valid only from \(start) on")
    }
    static let weak = Text("clé ou signature trop faible", "the key or the signature is too weak")
    static func noPath(_ reason: String) -> Text {
        Text("pas de chemin vers une racine (\(reason))", "no path to an anchor (\(reason))")
    }
    static func endsSoon(_ end: String) -> Text {
        Text("le certificat se termine le \(end)", "the certificate ends on \(end)")
    }

    static func listRefused(_ reason: String) -> Text {
        Text("liste refusée (\(reason))", "the list is refused (\(reason))")
    }
    static let listMissing = Text("pas de liste de révocation", "there is no revocation list")
    static func listStale(_ end: String) -> Text {
        Text("liste périmée depuis le \(end)", "the list is stale since \(end)")
    }
    static func listEndsSoon(_ end: String) -> Text {
        Text("la liste se termine le \(end)", "the list ends on \(end)")
    }
}
