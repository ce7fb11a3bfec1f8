import APIContract
import AgentClient
import Primitives

/// What people read about their phones and tablets.
enum MobileSentence {
    static let readIt = Text(
        "Lire ce code avec son appareil, dans la minute, sans que personne d'autre ne le voie.",
        "Read this code with your device within the minute, and let nobody else see it.")
    static let digitsPrompt = Text("Les deux chiffres que montre votre appareil : ", "The two digits that your device shows: ")
    static let twoDigits = Text("Il faut deux chiffres, de 00 à 99.", "They are two digits, 00 to 99.")
    static let givenUp = Text("Appairage abandonné ; aucun appareil n'est entré", "Pairing given up; no device came in")
    static let approvalGivenUp = Text("Abandonné : l'appareil n'est pas entré", "Given up: the device did not come in")
    static let approved = Text("Accepté : l'appareil entre dans les secondes qui suivent", "Approved: the device comes in within seconds")
    static let denied = Text("Refusé : ce code ne sert plus à rien", "Denied: this code is of no use any more")
    static let none = Text("Aucun appareil", "No device")
    static let revoked = Text("Fait : ses sessions sont finies", "Done: its sessions are over")
    static let wants = Text(
        "Cet appareil demande à entrer à votre nom. N'accepter que celui que vous avez en main :",
        "This device asks to come in as you. Approve it only if it is the one in your hand:")

    static let columns = [
        Text("Identifiant", "Id"), Text("Nom", "Name"), Text("Logiciel", "Program"), Text("Premier usage (UTC)", "First use (UTC)"),
        Text("Dernier usage (UTC)", "Last use (UTC)"), Text("État", "State"),
    ]

    static func state(_ device: JSON) -> Text {
        if device["lost"]?.bool == true { return Text("perdu", "lost") }
        return device["sessions"]?.array?.isEmpty == false ? Text("en usage", "in use") : Text("inutilisé", "not in use")
    }

    static func written(_ path: String) -> Text { Text("Code écrit dans \(path)", "Code written to \(path)") }

    static func asks(_ name: String, _ client: String, _ address: String) -> Text {
        Text("« \(name) » (\(client), \(address)) a lu le code.", "“\(name)” (\(client), \(address)) has read the code.")
    }

    static func isIn(_ name: String, _ session: String) -> Text {
        Text("« \(name) » est entré ; sa session : \(session)", "“\(name)” is in; its session: \(session)")
    }

    static func lost(_ devices: String, _ sessions: String) -> Text {
        Text(
            "Déclaré perdu. Appareils refusés : \(devices) ; sessions finies : \(sessions)",
            "Reported lost. Devices refused: \(devices); sessions ended: \(sessions)")
    }

    /// Who asks, one fact a row.
    static func asker(_ request: JSON, _ language: Language) -> [[String]] {
        let scopes = (request["scopes"]?.array ?? []).compactMap(\.string).joined(separator: " ")
        let rows: [(Text, String)] = [
            (Text("Appareil", "Device"), request.text("device_name")), (Text("Logiciel", "Program"), request.text("client")),
            (Text("Adresse", "Address"), request.text("address")), (Text("Droits", "Scopes"), scopes.isEmpty ? "-" : scopes),
            (Text("Service", "Service"), request.text("resource")), (Text("Demandé", "Asked"), request.text("asked_at")),
        ]
        return rows.map { ["  \($0.0.in(language))", $0.1] }
    }
}
