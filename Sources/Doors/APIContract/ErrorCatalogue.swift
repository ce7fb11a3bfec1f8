package import Primitives

/// What an error code means to somebody: HTTP status, exit code of `cpsctl`, whether trying again helps, texts in two languages.
package struct ErrorEntry: Hashable, Sendable {
    package let status: Int
    package let exit: ExitStatus
    package let retry: Retry
    package let title: Text
    package let remedy: Text

    package enum Retry: String, Hashable, Sendable {
        case never, now, later
    }

    init(_ status: Int, _ exit: ExitStatus, _ retry: Retry, title: Text, remedy: Text) {
        self.status = status
        self.exit = exit
        self.retry = retry
        self.title = title
        self.remedy = remedy
    }
}

/// Exit codes of `cpsctl`.
package enum ExitStatus: Int32, Hashable, Sendable {
    case done = 0
    case refused = 1
    case usage = 2
    case unreachable = 3
    case noCard = 4
    case pin = 5
    case certificate = 6
    case trace = 7
    case other = 8
}

/// One entry a code, a table a family. `Docs/Errors.md` says the same; tests hold them together and find codes without an entry.
package enum ErrorCatalogue {
    package static let entries: [ErrorCode: ErrorEntry] = [
        request, card, pin, certificate, session, degraded, workstation, mobile, account, directory, signature, emergency, agent,
    ]
    .reduce(into: [:]) { all, family in all.merge(family) { first, _ in first } }
}

extension ErrorCode {
    package var entry: ErrorEntry {
        ErrorCatalogue.entries[self]
            ?? ErrorEntry(
                500, .other, .later, title: Text("Erreur interne de l'agent", "Internal error of the agent"),
                remedy: Text("Consulter le journal du service.", "See the service's log."))
    }
}
