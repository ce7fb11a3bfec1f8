import APIContract

/// What people read about traces that are listed and handed over.
extension Sentence {
    static let traceColumns = [
        Text("N°", "No."), Text("Heure (UTC)", "Time (UTC)"), Text("Événement", "Event"), Text("Issue", "Outcome"),
        Text("Personne", "Person"), Text("Précisions", "Details"),
    ]

    static func tracesGoOn(_ next: UInt64) -> Text {
        Text("La liste continue : ajouter --from \(next)", "There are more: add --from \(next)")
    }
}
