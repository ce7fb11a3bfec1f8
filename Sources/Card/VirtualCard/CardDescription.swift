import FoundationEssentials
import Primitives

/// Everything about a test card but its keys and certificates: what `card.json` holds.
package struct CardDescription: Hashable, Sendable {
    package var generation: CardGeneration
    /// Eight digits of EF.SN.
    package var serial: String
    /// Ten digits printed on the card and ending its label.
    package var cardNumber: String
    package var familyName: String
    package var givenName: String
    package var nationalID: String
    /// Practice situations, at most sixteen, each as fields separated by `:`.
    package var situations: [String]
    package var pin: SecretCode
    package var puk: SecretCode
    /// The seed of what is different on this card from the standard one.
    package let variation: UInt32?
    /// The one data object that may be written, at its whole size.
    var freeData: [UInt8] = [UInt8](repeating: 0, count: 64)

    package init(
        generation: CardGeneration, serial: String, cardNumber: String, familyName: String, givenName: String, nationalID: String,
        situations: [String] = [], pin: String = "1234", puk: String = "12345678", variation: UInt32? = nil
    ) {
        self.generation = generation
        self.serial = serial
        self.cardNumber = cardNumber
        self.familyName = familyName
        self.givenName = givenName
        self.nationalID = nationalID
        self.situations = situations
        self.pin = SecretCode(digits: pin, maximumTries: 3)
        self.variation = variation
        let layout = Self.layout(generation, variation)
        self.puk = SecretCode(digits: puk, maximumTries: layout.pukTries, usesLeft: layout.pukUses)
    }

    var layout: CardLayout { Self.layout(generation, variation) }

    private static func layout(_ generation: CardGeneration, _ variation: UInt32?) -> CardLayout {
        variation.map { CardLayout(seed: $0, generation: generation) } ?? .standard(generation)
    }
}

extension CardDescription {
    var json: JSON {
        .members([
            "generation": .string(generation.rawValue), "serial": .string(serial), "card_number": .string(cardNumber),
            "family_name": .string(familyName), "given_name": .string(givenName), "national_id": .string(nationalID),
            "situations": .array(situations.map { .string($0) }), "pin": pin.json, "puk": puk.json,
            "free_data": .string(Hex.encode(freeData)), "vary": variation.map { .int(Int64($0)) },
        ])
    }

    /// `nil` when a member is missing or has a value that no card can have.
    init?(_ bytes: [UInt8]) {
        guard let json = try? JSONDecoder().decode(JSON.self, from: Data(bytes)),
            let generation = json["generation"]?.string.flatMap(CardGeneration.init),
            let serial = json["serial"]?.string, Self.isDigits(serial, 8),
            let cardNumber = json["card_number"]?.string, Self.isDigits(cardNumber, 10),
            let familyName = json["family_name"]?.string, let givenName = json["given_name"]?.string,
            let nationalID = json["national_id"]?.string,
            let situations = json["situations"]?.array?.compactMap(\.string), situations.count <= 16,
            let pin = json["pin"].flatMap(SecretCode.init), let puk = json["puk"].flatMap(SecretCode.init),
            let freeData = json["free_data"]?.string.flatMap({ Hex.decode($0) }), freeData.count <= 255
        else { return nil }
        let variation = json["vary"]?.int
        guard variation.map({ UInt32(exactly: $0) != nil }) ?? true else { return nil }
        self.init(
            generation: generation, serial: serial, cardNumber: cardNumber, familyName: familyName, givenName: givenName,
            nationalID: nationalID, situations: situations, variation: variation.flatMap { UInt32(exactly: $0) })
        self.pin = pin
        self.puk = puk
        self.freeData = freeData
    }

    package static func isDigits(_ text: String, _ count: Int) -> Bool {
        text.utf8.count == count && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}

extension SecretCode {
    fileprivate var json: JSON {
        .members([
            "digits": .string(digits), "tries_left": .int(Int64(triesLeft)), "maximum_tries": .int(Int64(maximumTries)),
            "uses_left": usesLeft.map { .int(Int64($0)) },
        ])
    }

    fileprivate init?(_ json: JSON) {
        guard let digits = json["digits"]?.string, (4...8).contains(digits.utf8.count),
            CardDescription.isDigits(digits, digits.utf8.count),
            let triesLeft = json["tries_left"]?.int, let maximum = json["maximum_tries"]?.int,
            (1...15).contains(maximum), (0...maximum).contains(triesLeft)
        else { return nil }
        let uses = json["uses_left"]?.int
        guard uses.map({ (0...0xFFFF).contains($0) }) ?? true else { return nil }
        self.init(digits: digits, triesLeft: Int(triesLeft), maximumTries: Int(maximum), usesLeft: uses.map { Int($0) })
    }
}
