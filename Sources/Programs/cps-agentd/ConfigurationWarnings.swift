import ConfigurationFile
import Primitives

/// What an administrator should know of the configuration, for `warnings` of `GET /v1/status`.
enum ConfigurationWarnings {
    /// What does not change before the next start.
    static func ofStart(_ configuration: AgentConfiguration, isReadOnly: Bool) -> [Text] {
        var texts: [Text] = []
        if configuration.cards.afterUse == .leave { texts.append(cardsLeft) }
        if isReadOnly { texts.append(readOnly(configuration.agent.stateDirectory)) }
        return texts
    }

    static func readOnly(_ folder: String) -> Text {
        Text(
            "Le dossier d'état \(folder) est en lecture seule : sans urgence déclarée, personne n'entre. Le rendre inscriptible : l'agent "
                + "redémarre alors de lui-même, dès que plus personne n'y travaille.",
            "The state folder \(folder) is read-only: without a declared emergency nobody gets in. Make it writable: the agent then starts "
                + "anew by itself, once nobody works with it.")
    }

    /// The file was read again, and is not taken for what is wrong with it.
    static func refused(_ path: String, at time: Timestamp, _ problem: Text) -> Text {
        Text(
            "\(path) a été refusé à \(time) (\(problem.french)) ; la configuration d'avant reste en vigueur.",
            "\(path) was refused at \(time) (\(problem.english)); the configuration of before stays in force.")
    }

    static func untraced(_ path: String) -> Text {
        Text(
            "\(path) n'a pas été repris : sa trace n'a pas pu être écrite ; la configuration d'avant reste en vigueur.",
            "\(path) was not taken in: its trace could not be written; the configuration of before stays in force.")
    }

    /// Keys of which the values of now hold from the next start on.
    static func waiting(_ keys: [String]) -> Text {
        let list = keys.joined(separator: ", ")
        return Text(
            "Changé dans la configuration, en vigueur après un redémarrage : \(list).",
            "Changed in the configuration, in force after a restart: \(list).")
    }

    /// Which programs may do what, as a sentence.
    static func clients(_ entries: [ClientEntry]?) -> Text {
        guard let entries else {
            return Text(
                "tout programme de cette machine a droit à toutes les opérations pour son propre uid",
                "every local program may use every operation for its own uid")
        }
        guard entries.count != 1 else {
            return Text(
                "1 entrée de la section clients dit quel programme a droit à quoi",
                "1 entry of the clients section says which program may use what")
        }
        return Text(
            "\(entries.count) entrées de la section clients disent quel programme a droit à quoi",
            "\(entries.count) entries of the clients section say which program may use what")
    }

    static let noClients = Text(
        "Pas de section clients : tout programme de cette machine a droit à toutes les opérations pour son propre uid.",
        "No clients section: every local program may use every operation for its own uid.")

    private static let cardsLeft = Text(
        "cards.after_use vaut leave : un code vérifié reste utilisable par d'autres programmes.",
        "cards.after_use is leave: a verified PIN stays usable by other programs.")
}
