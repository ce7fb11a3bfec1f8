internal import CardDrivers
package import Primitives
internal import Sessions
internal import SmartCard

extension ReaderView {
    /// A row of `GET /v1/readers`.
    package var json: JSON {
        [
            "id": .string(id), "name": .string(reader.name), "kind": .string(reader.kind.rawValue), "keypad": .bool(reader.hasKeypad),
            "allowed": .bool(isAllowed),
            "card": .string(cardState.rawValue),
        ]
    }

    /// What an administrator should know of this reader; `nil` when nothing is amiss.
    package var warning: Text? {
        guard !isAllowed else { return nil }
        return Text(
            "Lecteur \(reader.name) (\(reader.kind.text.french)) : refusé avec les autorités de production, sauf si readers.allow le nomme.",
            "Reader \(reader.name) (\(reader.kind.text.english)): refused with production authorities unless readers.allow names it.")
    }

    /// The card as `GET /v1/readers/{reader}/card` shows it.
    package var cardJSON: JSON {
        var members: [String: JSON] = [
            "reader": .string(reader.name), "state": .string(cardState.rawValue),
            "insertion": JSON(reader.presence.insertion?.id),
            "generation": .null, "serial": .null, "holder": .null, "tries_left": "unknown", "certificate": .null,
            "technical_key_proven": .null,
        ]
        if case .failed(let error)? = reading {
            members["code"] = .string(error.refusal.code.rawValue)
            members["held_by"] = error.refusal.members["held_by"]
        }
        if case .done(let reading)? = reading {
            members["generation"] = .string(reading.content.identity.generation.rawValue)
            members["serial"] = .string(reading.content.identity.serial.digits)
            members["holder"] = reading.claimedHolder?.json ?? .null
            members["tries_left"] = reading.pin.triesLeft.map { .int(Int64($0)) } ?? "unknown"
            members["certificate"] = reading.certificate?.json ?? .null
        }
        if case .contactless(let reading)? = reading {
            members["generation"] = .string(reading.identity.generation.rawValue)
            members["serial"] = .string(reading.identity.serial.digits)
            members["certificate"] = reading.certificate?.json ?? .null
            members["technical_key_proven"] = .bool(reading.refusal == nil)
            members["code"] = .string((reading.refusal?.code ?? .cardContactless).rawValue)
        }
        return .object(members)
    }
}

extension CardReading.CertificateDates {
    fileprivate var json: JSON { ["not_before": .string(notBefore.description), "not_after": .string(notAfter.description)] }
}

extension ReaderSnapshot {
    package var monitoringText: String {
        switch monitoring {
        case .starting: "starting"
        case .running: "running"
        case .serviceDown: "service_down"
        case .notAuthorised: "not_authorised"
        }
    }
}

extension ReaderKind {
    fileprivate var text: Text {
        switch self {
        case .usb: Text("USB", "USB")
        case .serial: Text("série", "serial")
        case .network: Text("par le réseau", "over the network")
        case .virtual: Text("virtuel", "virtual")
        case .unknown: Text("d'une sorte inconnue", "of an unknown kind")
        }
    }
}
