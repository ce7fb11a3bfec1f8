import APIContract
import ArgumentParser
import Glibc
import Primitives

/// `cps-session-lock`: another name of this program, for the unit of the user's session.
struct SessionLockVerb: Verb {
    static let name = "session-lock"

    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: Help.text(
            "Lock this Linux session when the card leaves.", "Verrouiller cette session Linux quand la carte s'en va."),
        discussion: Help.text(
            """
            Follows the agent's events as this user, until it is ended. When a card session of this user ends because the card, the reader \
            or the agent is gone, and none begins within the grace (pam.grace), it does what pam.on_removal says: lock, logout or nothing.

              systemctl --user enable --now cps-session-lock.service
            """,
            """
            Suit les événements de l'agent pour cet utilisateur, jusqu'à ce qu'on l'arrête. Quand une session par carte de cet utilisateur \
            finit parce que la carte, le lecteur ou l'agent a disparu, et qu'aucune ne commence dans le délai (pam.grace), il fait ce que \
            dit pam.on_removal : verrouiller, terminer ou rien.

              systemctl --user enable --now cps-session-lock.service
            """),
        shouldDisplay: false)

    @OptionGroup var global: GlobalOptions

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let session = tool.environment["XDG_SESSION_ID"].flatMap { $0.isEmpty ? nil : $0 }
        try SeatLock(tool: tool, uid: geteuid(), session: session).follow()
        return .done
    }
}
