import Primitives

/// What people read about traces that are listed and handed over.
extension Sentence {
    static let traceColumns = [
        Text("N°", "No."), Text("Heure (UTC)", "Time (UTC)"), Text("Événement", "Event"), Text("Issue", "Outcome"),
        Text("Personne", "Person"), Text("Précisions", "Details"),
    ]

    static func outcome(_ name: String) -> Text {
        switch name {
        case "granted": Text("accordé", "granted")
        case "refused": Text("refusé", "refused")
        case "failed": Text("échec", "failed")
        case "info": Text("noté", "noted")
        default: Text(name)
        }
    }

    /// Why a key of the log came into force.
    static func keyCause(_ name: String) -> Text {
        switch name {
        case "first": Text("première", "first")
        case "rotated": Text("renouvelée", "rotated")
        case "renamed": Text("journal renommé", "log renamed")
        case "replaced": Text("clé perdue ou remplacée", "key lost or replaced")
        case "rolled_back": Text("journal revenu en arrière", "log was rolled back")
        default: Text(name)
        }
    }

    static func tracesGoOn(_ next: UInt64) -> Text {
        Text("La liste continue : ajouter --from \(next)", "There are more: add --from \(next)")
    }

    static func formed(_ count: UInt64, _ path: String) -> Text {
        Text("\(count) traces écrites dans \(path)", "\(count) traces written to \(path)")
    }

    static func forward(_ name: String, _ state: String, _ backlog: Int64, _ reason: String?) -> Text {
        let (why, words) = (reason.map { Text.heard($0) }, StateSentence.forward(state))
        return Text(
            "Transmission du journal à \(name) : \(words.french), \(backlog) traces en attente\(why.map { " (\($0.french))" } ?? "")",
            "Log handed on to \(name): \(words.english), \(backlog) traces waiting\(why.map { " (\($0.english))" } ?? "")")
    }

    static func retentionAsked(_ id: String, _ before: String, _ until: String) -> Text {
        Text(
            """
            Demande enregistrée : effacer le contenu des traces d'avant le \(before).
            Une deuxième personne habilitée confirme avant le \(until), dans sa propre session : cpsctl audit retain --agree \(id)
            """,
            """
            Asked for: drop the bodies of traces before \(before).
            A second person with the right agrees before \(until), in a session of their own: cpsctl audit retain --agree \(id)
            """)
    }

    static func retained(_ count: Int64, _ kept: Int64) -> Text {
        Text(
            "Contenu effacé : \(count) traces ; gardées avant cette date : \(kept)",
            "Bodies dropped: \(count) traces; kept before that date: \(kept)")
    }

    static func bodiesDropped(_ count: Int64) -> Text {
        Text(
            "dont \(count) traces dont le contenu a été effacé : leur empreinte est là, leur texte non",
            "of them \(count) traces whose bodies were dropped: their hash is there, their text is not")
    }
}
