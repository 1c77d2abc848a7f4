import { registry } from "@web/core/registry";

/**
 * Tell several things at once, each with its own button, then go on.
 *
 * @param {Object[]} action.params.notifications each with a title, message, type,
 *     perhaps sticky, and perhaps an action with the label of its button
 * @param {Object} action.params.next what is done afterwards
 */
function notify(env, { params }) {
    for (const { title, message, type, sticky, action, label } of params.notifications) {
        const close = env.services.notification.add(message, {
            title,
            type,
            sticky: Boolean(sticky),
            buttons: action
                ? [
                      {
                          name: label,
                          onClick: () => {
                              close();
                              env.services.action.doAction(action);
                          },
                      },
                  ]
                : [],
        });
    }
    return params.next;
}

registry.category("actions").add("account_credit_block_notify", notify);
