import APIContract
import Audit
import Primitives

/// What people read about readers, cards, sessions and traces.
enum Sentence {
    static func agent(_ version: String, _ workstation: String, _ health: String) -> Text {
        let state = StateSentence.health(health)
        return Text("CPS Agent \(version) sur \(workstation) : \(state.french)", "CPS Agent \(version) on \(workstation): \(state.english)")
    }

    static func trust(_ environment: String, _ issuer: String) -> Text {
        let authorities = StateSentence.environment(environment)
        return Text(
            "Autorités : \(authorities.french) ; émetteur des jetons : \(issuer)",
            "Authorities: \(authorities.english); token issuer: \(issuer)")
    }

    static func monitoring(_ state: String, _ readers: Int) -> Text {
        let monitoring = StateSentence.monitoring(state)
        return Text(
            "Surveillance des lecteurs : \(monitoring.french) ; lecteurs : \(readers)",
            "Reader monitoring: \(monitoring.english); readers: \(readers)")
    }

    static func log(_ size: Int64) -> Text { Text("Journal : \(size) traces", "Log: \(size) traces") }

    static func revocation(_ status: String) -> Text {
        let state = StateSentence.revocation(status)
        return Text("Révocation : \(state.french)", "Revocation: \(state.english)")
    }

    static func warning(_ text: String) -> Text { Text("Attention : \(text)", "Warning: \(text)") }

    static let noReader = Text("Aucun lecteur", "No reader")
    static let noSession = Text("Aucune session", "No session")
    static let noTrace = Text("Aucune trace", "No trace")

    static let reader = Text("Lecteur", "Reader")
    static let state = Text("État", "State")
    static let card = Text("Carte", "Card")
    static let holder = Text("Titulaire", "Holder")
    static let triesLeft = Text("Essais restants", "Tries left")
    static let validity = Text("Certificat", "Certificate")
    static let technicalKey = Text("Clé technique", "Technical key")
    static let proven = Text("prouvée", "proven")
    static let notProven = Text("non prouvée", "not proven")
    static let problem = Text("Problème", "Problem")
    static let session = Text("Session", "Session")
    static let profile = Text("Situation", "Situation")
    static let profilesToChoose = Text(
        "Choisir une situation (cpsctl session profile ID SITUATION) :", "Choose a situation (cpsctl session profile ID SITUATION):")
    static let scopes = Text("Droits", "Scopes")
    static let opened = Text("Ouverte", "Opened")
    static let expires = Text("Expire", "Expires")
    static let ended = Text("Terminée", "Ended")
    static let token = Text("Jeton", "Token")
    static let lifetime = Text("Durée (s)", "Lifetime (s)")
    static let active = Text("Actif", "Active")
    static let yes = Text("oui", "yes")
    static let no = Text("non", "no")
    static let testCard = Text("carte de TEST", "TEST card")

    static func verified(_ size: Int64) -> Text {
        Text("Journal intact : \(size) traces vérifiées", "Log sound: \(size) traces verified")
    }

    static func bundleVerified(_ first: UInt64, _ last: UInt64, _ key: String) -> Text {
        Text("Export intact : traces \(first) à \(last), clé \(key)", "Export sound: traces \(first) to \(last), key \(key)")
    }

    static func includedUnsigned(_ seq: UInt64, _ size: UInt64) -> Text {
        Text(
            "Trace \(seq) : dans l'arbre des \(size) premières traces, dont aucune tête signée n'est gardée",
            "Trace \(seq): in the tree of the first \(size) traces, of which no signed checkpoint is kept")
    }

    static func extends(_ from: UInt64, _ size: UInt64) -> Text {
        Text(
            "Le journal de \(size) traces commence par celui de \(from) traces, inchangé",
            "The log of \(size) traces begins with the one of \(from) traces, unchanged")
    }

    static func authority(_ name: String, until end: String, list: String?) -> Text {
        Text(
            "\(name) : valable jusqu'au \(end), \(list.map { "liste de révocation du \($0)" } ?? "sans liste de révocation")",
            "\(name): valid until \(end), \(list.map { "revocation list of \($0)" } ?? "no revocation list")")
    }

    static let noNewList = Text("Aucune nouvelle liste de révocation", "No new revocation list")

    static func listLoaded(_ file: String) -> Text { Text("\(file) : prise en compte", "\(file): taken in") }

    static func listUnchanged(_ file: String) -> Text {
        Text("\(file) : inchangée, en vigueur", "\(file): unchanged, in force")
    }

    static func listNotKept(_ file: String, _ reason: String) -> Text {
        Text(
            "\(file) : prise en compte, mais aucune copie n'a pu être gardée (\(reason))",
            "\(file): taken in, but no copy could be kept (\(reason))")
    }

    static func listRefused(_ file: String, _ reason: String) -> Text {
        Text("\(file) : refusée (\(reason))", "\(file): refused (\(reason))")
    }

    static let selfAsserted = Text(
        "Clé prise dans l'export : celui qui l'a fait peut avoir fait la clé (`--key` pour comparer à la clé connue)",
        "Key taken from the export (self-asserted): who made it may have made the key (`--key` to compare with the known key)")

    static func exported(_ first: UInt64, _ last: UInt64, _ folder: String) -> Text {
        Text("Traces \(first) à \(last) exportées dans \(folder)", "Traces \(first) to \(last) exported to \(folder)")
    }

    /// - Parameter rate: traces a second.
    static func progress(_ done: UInt64, _ total: UInt64, rate: Double) -> Text {
        let (speed, left) = (UInt64(rate), UInt64((Double(total - done) / max(rate, 1)).rounded(.up)))
        return Text("\(done) sur \(total), \(speed)/s, reste \(left) s", "\(done) of \(total), \(speed)/s, \(left) s left")
    }

    static func agreesWithKept(_ checkpoint: Checkpoint) -> Text {
        Text(
            "Le journal commence par les \(checkpoint.size) traces de la tête gardée",
            "The log begins with the \(checkpoint.size) traces of the kept checkpoint")
    }

    static let keyRotated = Text(
        "Nouvelle clé du journal, à noter hors de ce poste :", "New key of the log, to be noted outside this machine:")
}
