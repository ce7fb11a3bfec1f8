import APIContract
import Primitives

/// What people read about errors beside title and remedy.
enum ProblemSentence {
    static let gaveUp = Text("la personne a renoncé", "the person gave up")

    /// A member of a problem with its value; one that is not known keeps its name.
    static func fact(_ name: String, _ value: JSON) -> Text {
        self.value(name, value).of(label(name))
    }

    static func label(_ name: String) -> Text {
        switch name {
        case "tries_left": Text("essais restants", "tries left")
        case "retry_after": Text("à attendre", "to wait")
        case "last_try_consent": Text("consentement (--accept-last-try)", "consent (--accept-last-try)")
        case "held_by": Text("carte utilisée par", "card in use by")
        case "contact": Text("qui appeler", "whom to call")
        case "offset": Text("octets déjà reçus", "bytes that are there")
        case "profiles": Text("situations", "situations")
        case "reasons": Text("motifs", "reasons")
        case "status_word": Text("mot d'état de la carte", "status word of the card")
        case "scope": Text("droit", "scope")
        case "rule": Text("règle", "rule")
        case "rules": Text("règles", "rules")
        case "end_reason": Text("fin de la session", "end of the session")
        case "not_before": Text("valable à partir du", "valid from")
        case "not_after": Text("valable jusqu'au", "valid until")
        case "first_bad": Text("première trace en cause", "first bad trace")
        case "last_bad": Text("dernière trace en cause", "last bad trace")
        case "sessions": Text("sessions", "sessions")
        case "bundle": Text("dossier de l'export", "folder of the export")
        case "file": Text("fichier", "file")
        case "reader": Text("lecteur", "reader")
        default: Text(name)
        }
    }

    private static func value(_ name: String, _ value: JSON) -> Text {
        switch (name, value.string) {
        case ("tries_left", let count?): CardSentence.left(count)
        case ("end_reason", let reason?): SessionSentence.end(reason)
        case ("retry_after", nil): Text("\(value.plain) s")
        case ("reasons", _), ("rules", _), ("sessions", _): Text((value.array ?? []).map(\.plain).joined(separator: ", "))
        default: Text(value.plain)
        }
    }
}

extension Text {
    static let standardInput = Text("entrée standard", "standard input")
    static let standardOutput = Text("sortie standard", "standard output")
    static let terminal = Text("terminal")
}
