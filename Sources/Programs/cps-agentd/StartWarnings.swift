import ConfigurationFile
import Primitives

/// What an administrator should know of the way the agent was started, for `warnings` of `GET /v1/status`.
enum StartWarnings {
    static func texts(_ configuration: AgentConfiguration, isReadOnly: Bool) -> [Text] {
        var texts: [Text] = []
        if configuration.clients == nil { texts.append(noClients) }
        if configuration.cards.afterUse == .leave { texts.append(cardsLeft) }
        if isReadOnly { texts.append(readOnly(configuration.agent.stateDirectory)) }
        return texts
    }

    static func readOnly(_ folder: String) -> Text {
        Text(
            "Le dossier d'état \(folder) est en lecture seule : personne n'entre. Le rendre inscriptible, puis redémarrer l'agent.",
            "The state folder \(folder) is read-only: nobody gets in. Make it writable, then start the agent again.")
    }

    /// Which programs may do what, as a sentence.
    static func clients(_ configuration: AgentConfiguration) -> Text {
        guard let entries = configuration.clients else {
            return Text(
                "tout programme de cette machine a droit à toutes les opérations pour son propre uid",
                "every local program may use every operation for its own uid")
        }
        return Text(
            "\(entries.count) entrées de la section clients disent quel programme a droit à quoi",
            "\(entries.count) entries of the clients section say which program may use what")
    }

    private static let noClients = Text(
        "Pas de section clients : tout programme de cette machine a droit à toutes les opérations pour son propre uid.",
        "No clients section: every local program may use every operation for its own uid.")

    private static let cardsLeft = Text(
        "cards.after_use vaut leave : un code vérifié reste utilisable par d'autres programmes.",
        "cards.after_use is leave: a verified PIN stays usable by other programs.")
}
