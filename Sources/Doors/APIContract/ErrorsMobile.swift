import Primitives

extension ErrorCatalogue {
    static let mobile: [ErrorCode: ErrorEntry] = [
        .mobileDisabled: ErrorEntry(
            403, .refused, .never,
            title: Text("Les téléphones et tablettes ne sont pas admis ici", "Phones and tablets are not let in here"),
            remedy: Text(
                "Configurer `mobile.listen`, `mobile.certificate` et `mobile.key`, puis redémarrer l'agent.",
                "Configure `mobile.listen`, `mobile.certificate` and `mobile.key`, then restart the agent.")),
        .pairingNotFound: ErrorEntry(
            404, .refused, .never,
            title: Text("Cet appairage n'existe pas, ou plus", "There is no such pairing, or no longer"),
            remedy: Text(
                "Recommencer : `cpsctl mobile pair`. Un code vaut une minute et une seule fois.",
                "Begin again: `cpsctl mobile pair`. A code is good for a minute and once.")),
        .pairingState: ErrorEntry(
            409, .refused, .never,
            title: Text("L'appairage n'en est pas là", "The pairing is not there yet, or over"),
            remedy: Text(
                "Lire `state` : attendre que l'appareil ait lu le code, ou recommencer.",
                "Read `state`: wait until the device has read the code, or begin again.")),
        .pairingDigits: ErrorEntry(
            422, .refused, .never,
            title: Text("Ce ne sont pas les chiffres de l'appareil", "These are not the digits of the device"),
            remedy: Text(
                "Un autre appareil a peut-être lu le code : rien n'a été donné. Recommencer, code caché aux autres.",
                "Another device may have read the code: nothing was given. Begin again, and keep the code from others' sight.")),
        .userCodeUnknown: ErrorEntry(
            404, .refused, .now,
            title: Text("Aucun appareil ne montre ce code", "No device shows this code"),
            remedy: Text(
                "Relire le code sur l'appareil ; il change après dix minutes. Ne jamais taper un code reçu d'un autre.",
                "Read the code on the device again; it changes after ten minutes. Never type a code that somebody sent.")),
        .deviceNotFound: ErrorEntry(
            404, .refused, .never,
            title: Text("Cet appareil n'est pas connu", "This device is not known"),
            remedy: Text("Voir `cpsctl mobile list`.", "See `cpsctl mobile list`.")),
        .deviceLost: ErrorEntry(
            403, .refused, .never,
            title: Text("Cet appareil a été déclaré perdu", "This device was reported lost"),
            remedy: Text(
                "L'appareil doit créer une nouvelle clé (réinstaller l'application), puis être appairé de nouveau.",
                "The device has to make a new key (install the application again), then be paired again.")),
        .deviceLimit: ErrorEntry(
            409, .refused, .never,
            title: Text("Trop d'appareils sont utilisés par cette personne", "This person uses too many devices"),
            remedy: Text(
                "En retirer un : `cpsctl mobile list`, puis `cpsctl mobile revoke`.",
                "Remove one: `cpsctl mobile list`, then `cpsctl mobile revoke`.")),
    ]
}
