import Primitives

/// What a person reads about the files of the authorities.
enum TrustSentence {
    static func installed(_ name: String, _ file: String, isKnown: Bool) -> Text {
        isKnown
            ? Text("\(name) : déjà dans \(file)", "\(name): already in \(file)")
            : Text("\(name) : installé dans \(file)", "\(name): installed in \(file)")
    }

    static let restart = Text(
        "Redémarrer l'agent pour les prendre en compte : systemctl restart cps-agent",
        "Restart the agent to take them in: systemctl restart cps-agent")

    static let sound = Text("Tout est en ordre", "All is in order")
    static let refused = Text("Refusé  ", "Refused ")

    static func listRefused(_ reason: Text) -> Text {
        Text("liste refusée (\(reason.french))", "the list is refused (\(reason.english))")
    }
    static let listMissing = Text("pas de liste de révocation", "there is no revocation list")
    static func listStale(_ end: String) -> Text {
        Text("liste périmée depuis le \(end)", "the list is stale since \(end)")
    }
    static func listEndsSoon(_ end: String) -> Text {
        Text("la liste se termine le \(end)", "the list ends on \(end)")
    }

    /// A code of `warnings` in `GET /v1/trust`; one of a later agent stays as it is.
    static func warning(_ code: String) -> Text {
        switch code {
        case "certificate_ends_soon": Text("le certificat se termine bientôt", "the certificate ends soon")
        case "certificate_expired": Text("certificat expiré", "the certificate has expired")
        case "certificate_not_yet_valid": Text("certificat pas encore valide", "the certificate is not valid yet")
        case "certificate_weak": Text("clé ou signature trop faible", "the key or the signature is too weak")
        case "certificate_untrusted": Text("pas de chemin vers une racine", "no path to an anchor")
        case "list_missing": listMissing
        case "list_stale": Text("liste de révocation périmée", "the revocation list is stale")
        case "list_ends_soon": Text("la liste de révocation se termine bientôt", "the revocation list ends soon")
        default: Text(code)
        }
    }
}
