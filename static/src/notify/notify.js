import { registry } from "@web/core/registry";

/**
 * Tell something, with a button to go on.
 *
 * @param {Object} told with a title, message, type, perhaps sticky, and perhaps an
 *     action with the label of its button
 */
function tell({ notification, action: actions }, told) {
    const { title, message, type, sticky, action, label } = told;
    const close = notification.add(message, {
        title,
        type,
        sticky: Boolean(sticky),
        buttons: action
            ? [
                  {
                      name: label,
                      onClick: () => {
                          close();
                          actions.doAction(action);
                      },
                  },
              ]
            : [],
    });
}

/**
 * Tell several things at once, each with its own button, then go on.
 *
 * @param {Object[]} action.params.notifications see `tell`
 * @param {Object} action.params.next what is done afterwards
 */
function notify(env, { params }) {
    for (const told of params.notifications) {
        tell(env.services, told);
    }
    return params.next;
}

registry.category("actions").add("account_credit_block_notify", notify);

/** What the server tells by itself, of what it has done in the background. */
const toldService = {
    dependencies: ["bus_service", "notification", "action"],
    start(env, services) {
        services.bus_service.subscribe("account_credit_block.told", (told) =>
            tell(services, told)
        );
        services.bus_service.start();
    },
};

registry.category("services").add("account_credit_block_told", toldService);
