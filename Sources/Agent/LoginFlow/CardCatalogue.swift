internal import CardDrivers

/// Cards met before, in memory only: a card that comes back unchanged is not read again.
struct CardCatalogue: Sendable {
    private var contents: [CardIdentity: CardContent] = [:]
    private var order: [CardIdentity] = []

    private static let most = 64

    func content(of identity: CardIdentity) -> CardContent? { contents[identity] }

    mutating func forget(_ identity: CardIdentity) {
        contents[identity] = nil
        order.removeAll { $0 == identity }
    }

    mutating func remember(_ content: CardContent) {
        guard contents.updateValue(content, forKey: content.identity) == nil else { return }
        order.append(content.identity)
        if order.count > Self.most { contents[order.removeFirst()] = nil }
    }
}
