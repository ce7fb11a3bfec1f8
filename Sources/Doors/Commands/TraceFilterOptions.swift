import APIContract
import ArgumentParser
import Primitives

/// Which traces a verb is about; every option that is given has to match.
struct TraceFilterOptions: ParsableArguments {
    @Option(
        help: Help.argument(
            "Written at this time or later: 2026-01-31, or 2026-01-31T08:00:00Z (UTC).",
            "Écrites à partir de ce moment : 2026-01-31, ou 2026-01-31T08:00:00Z (UTC)."))
    var since: Moment?

    @Option(help: Help.argument("Written before this time.", "Écrites avant ce moment."))
    var until: Moment?

    @Option(
        help: Help.argument(
            "An event, or a family of events such as login.*", "Un événement, ou une famille d'événements comme login.*"))
    var event: FilterText?

    @Option(help: Help.argument("granted, refused, failed or info.", "granted, refused, failed ou info."))
    var outcome: FilterText?

    @Option(help: Help.argument("National identifier of the person.", "Identifiant national de la personne."))
    var person: FilterText?

    @Option(help: Help.argument("Serial number of the card.", "Numéro de série de la carte."))
    var card: FilterText?

    @Option(help: Help.argument("Id of the session.", "Identifiant de la session."))
    var session: FilterText?

    @Option(help: Help.argument("Name of the workstation.", "Nom du poste de travail."))
    var workstation: FilterText?

    @Option(help: Help.argument("The patient that an emergency names.", "Le patient que nomme une urgence."))
    var patient: FilterText?

    /// Names and values as the agent takes them.
    var query: [(String, String)] {
        let texts = [
            ("since", since?.time.description), ("until", until?.time.description), ("event", event?.text), ("outcome", outcome?.text),
            ("person", person?.text), ("card", card?.text), ("session", session?.text), ("workstation", workstation?.text),
            ("patient", patient?.text),
        ]
        return texts.compactMap { name, value in value.map { (name, $0) } }
    }
}

/// What a filter compares with.
struct FilterText: ExpressibleByArgument {
    let text: String

    init?(argument: String) {
        guard (1...512).contains(argument.utf8.count) else { return nil }
        text = argument
    }
}

/// A moment on the command line: a day, which begins at midnight UTC, or a time as RFC 3339 writes it in UTC.
struct Moment: ExpressibleByArgument {
    let time: Timestamp

    init?(argument: String) {
        guard let time = Timestamp(argument) ?? Timestamp("\(argument)T00:00:00Z") else { return nil }
        self.time = time
    }
}
